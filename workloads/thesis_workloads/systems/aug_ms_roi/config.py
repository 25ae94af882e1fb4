"""Settings of maps averaged over perturbed copies, and of JPEG as a defense (chapter 3). Standard library only."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class RegionDefenseConfig:
    """JPEG as a defence (chapter 3): plain, or guided by a map of the very image that the defender sees."""

    map: str = "augmented"  # none (plain JPEG) | plain (MS-ROI) | augmented (Aug-MSROI)
    network: str = "efficientnet-lite0"  # in the catalog of classifiers, or the path of a trained state
    input_size: int = 224  # pixels that the shorter side is scaled to for the map
    top_k: int = 5  # strongest classes in the map, weighted by rank (section 2.3)
    threshold: float = float("nan")  # T of equation 2.5 in place of the strongest; nan for none
    num_perturbations: int = 5  # maps in the mean (section 3.5)
    perturbation_scale: float = 0.2  # deviation of the noise over that of what it is added to (not stated)

    quality: float = 30  # of plain JPEG; a guided file is as large (section 3.6 matches the image quality)
    num_levels: int = 5  # k (section 2.5)
    q_low: float = 15  # JPEG quality of the least salient level (not stated)
    q_high: float = 55  # of the most salient one (not stated)
    seed: int = 0  # of the perturbations, together with each image's id


@dataclass(frozen=True, kw_only=True)
class AugmentedMapConfig:
    """One setting of Aug-MSROI, and the attacked images that it is tried on (chapter 3)."""

    network: str = "efficientnet-lite0"  # in the catalog of classifiers, or the path of a trained state
    input_size: int = 224  # pixels that the shorter side is scaled to for the map
    top_k: int = 5  # strongest classes in the map, weighted by rank (section 2.3)
    num_perturbations: int = 5  # maps in the mean (section 3.5)
    perturbation_scale: float = 0.2  # deviation of the noise over that of what it is added to; 0 is MS-ROI
    seed: int = 0  # of the perturbations, together with each image's id

    # As in a sweep of pixel deflection, whose adversarial images are used again.
    data: str = "photographs"  # the shipped ones, or the path of a folder or Parquet file of images
    labels: str = ""  # CSV with file and label for a flat folder; empty: folders are classes
    num_val: int = 0  # images at most, of the part held apart for validation; 0 takes all
    attacks: str = "fgsm@0.02+igsm@0.02+deepfool+cw"  # joined by +; name, or name@|L2|
    attack_scale: str = "small"  # smoke | small | paper: how hard the attacks search
    batch_size: int = 2  # images that are computed together; part of the adversarial sets' identity
    epochs: int = 4  # steps in which a trial walks the images; it reports after each
    classifier: str = "efficientnet-lite0"  # that was attacked
    weights: str = ""  # path of its weights; empty takes the shipped ones
    device: str = "cpu"
