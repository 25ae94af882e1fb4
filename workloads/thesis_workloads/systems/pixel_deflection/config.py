"""Settings of the pixel deflection defence (chapter 4). Standard library only."""

from dataclasses import dataclass

from thesis_workloads.contract.settings import LARGEST_SEED, setting

# Names only: the catalog of classifiers holds what they stand for, and importing it takes PyTorch.
CLASSIFIERS = (
    "efficientnet-lite0",
    "efficientnet-lite1",
    "efficientnet-lite2",
    "resnet-50",
    "vgg-19",
    "inception-v3",
)
ATTACK_SCALES = ("smoke", "small", "paper")


@dataclass(frozen=True, kw_only=True)
class PixelDeflectionConfig:
    """One complete setting of the defence, and of the classifier that it stands before."""

    classifier: str = setting("efficientnet-lite0", "network that is defended", choices=CLASSIFIERS)
    weights: str = setting("", "path of the classifier's weights; empty takes the shipped ones")

    use_rcam: bool = setting(True, "spare salient pixels (section 4.6); false deflects anywhere")
    top_k: int = setting(5, "classes in the robust activation map (section 4.6.1)", at_least=1)
    num_deflections: int = setting(100, "K, attempts per image (table 4.1)", at_least=0)
    window: int = setting(10, "r, apothem of the neighbourhood in pixels (table 4.1)", at_least=0)
    sampling: str = setting(
        "uniform",
        "how a pixel of the neighbourhood is drawn (table 4.11)",
        choices=("uniform", "gaussian"),
    )
    replacement: str = setting(
        "random",
        "what a deflected pixel is replaced by: one of the neighbourhood, or its min, max or mean (table 4.11)",
        choices=("random", "min", "max", "mean"),
    )
    variant: str = setting(
        "text",
        "text: algorithm 3 as printed; released: the published program's loop",
        choices=("text", "released"),
    )

    denoisers: str = setting(
        "wavelet",
        "joined by +, any of wavelet, dct, jpeg, bilateral, anisotropic, tvm, deconvolution; empty for none",
    )
    sigma: float = setting(
        0.04, "noise that wavelet and dct remove, share of the range (table 4.1)", at_least=0
    )
    sigma_scale: str = setting(
        "legacy", "what sigma measures (imaging.decorrelated)", choices=("legacy", "rgb")
    )
    wavelet: str = setting("db1", "PyWavelets' name of the wavelet (section 4.8)")
    method: str = setting(
        "bayes", "rule for the threshold of the coefficients (table 4.8)", choices=("bayes", "visu", "sure")
    )
    mode: str = setting("soft", "thresholding (section 4.7.1)", choices=("soft", "hard"))

    num_votes: int = setting(10, "draws in the majority vote (section 4.10, Ens-10)", at_least=1)
    seed: int = setting(
        0, "seed of the random attempts, together with each image's id", at_least=0, at_most=LARGEST_SEED
    )

    # What a sweep tries the setting on; evaluations name theirs in the plan.
    data: str = setting(
        "photographs", "photographs (the shipped ones), or the path of a folder or Parquet file of images"
    )
    labels: str = setting("", "CSV with file and label for a flat folder; empty: folders are classes")
    num_val: int = setting(0, "images at most, of the part held out for validation; 0 takes all", at_least=0)
    attacks: str = setting("fgsm@0.02+igsm@0.02+deepfool+cw", "joined by +; each a name, or name@|L2|")
    attack_scale: str = setting("small", "how hard the attacks search", choices=ATTACK_SCALES)
    batch_size: int = setting(
        2, "images that are computed together; part of the adversarial sets' identity", at_least=1
    )
    epochs: int = setting(4, "steps in which a trial walks the images; it reports after each", at_least=1)
    device: str = setting("cpu", "where networks run: cpu, cuda, or cuda:N")
