"""Settings of the pixel deflection defence (chapter 4). Standard library only."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class PixelDeflectionConfig:
    """One complete setting of the defence, and of the classifier that it stands before."""

    classifier: str = "efficientnet-lite0"  # name in thesis_workloads.classifiers.catalog
    weights: str = ""  # path of the classifier's weights; empty takes the shipped ones

    use_rcam: bool = True  # spare salient pixels (section 4.6); False deflects anywhere
    top_k: int = 5  # classes in the robust activation map (section 4.6.1)
    num_deflections: int = 100  # K, attempts per image (table 4.1)
    window: int = 10  # r, apothem of the neighbourhood in pixels (table 4.1)
    sampling: str = "uniform"  # uniform | gaussian (table 4.11)
    replacement: str = "random"  # random | min | max | mean (table 4.11)
    variant: str = "text"  # text | released: algorithm 3 or the published program's loop

    denoisers: str = (
        "wavelet"  # joined by +: wavelet dct jpeg bilateral anisotropic tvm deconvolution; "" for none
    )
    sigma: float = 0.04  # noise to remove, share of the range (table 4.1); wavelet and dct
    sigma_scale: str = "legacy"  # legacy | rgb: what sigma measures (imaging.decorrelated)
    wavelet: str = "db1"  # PyWavelets' name (section 4.8)
    method: str = "bayes"  # bayes | visu | sure: rule for the threshold (table 4.8)
    mode: str = "soft"  # soft | hard: thresholding (section 4.7.1)

    num_votes: int = 10  # draws in the majority vote (section 4.10, Ens-10)
    seed: int = 0  # of the random attempts, together with each image's id

    # What a sweep tries the setting on; evaluations name theirs in the plan.
    data: str = "photographs"  # the shipped ones, or the path of a folder or Parquet file of images
    labels: str = ""  # CSV with file and label for a flat folder; empty: folders are classes
    num_val: int = 0  # images at most, of the part held apart for validation; 0 takes all
    attacks: str = "fgsm@0.02+igsm@0.02+deepfool+cw"  # joined by +; name, or name@|L2|
    attack_scale: str = "small"  # smoke | small | paper: how hard the attacks search
    batch_size: int = 2  # images that are computed together; part of the adversarial sets' identity
    epochs: int = 4  # steps in which a trial walks the images; it reports after each
    device: str = "cpu"
