"""Settings of maps averaged over perturbed copies, and of JPEG as a defense (chapter 3). Standard library only."""

from dataclasses import dataclass

from thesis_workloads.contract.settings import LARGEST_SEED, setting
from thesis_workloads.systems.pixel_deflection.config import ATTACK_SCALES, CLASSIFIERS

_NETWORK = "network whose maps are taken: in the catalog of classifiers, or the path of a trained state"
_INPUT_SIZE = "pixels that the shorter side is scaled to for the map"
_TOP_K = "strongest classes in the map, weighted by rank (section 2.3)"
_NUM_PERTURBATIONS = "maps in the mean (section 3.5)"


@dataclass(frozen=True, kw_only=True)
class RegionDefenseConfig:
    """JPEG as a defence (chapter 3): plain, or guided by a map of the very image that the defender sees."""

    map: str = setting(
        "augmented",
        "what guides the encoder: none (plain JPEG), plain (MS-ROI) or augmented (Aug-MSROI)",
        choices=("none", "plain", "augmented"),
    )
    network: str = setting("efficientnet-lite0", _NETWORK)
    input_size: int = setting(224, _INPUT_SIZE, at_least=1)
    top_k: int = setting(5, _TOP_K, at_least=1)
    threshold: float = setting(
        float("nan"), "T of equation 2.5 in place of the strongest classes; nan for none"
    )
    num_perturbations: int = setting(5, _NUM_PERTURBATIONS, at_least=1)
    perturbation_scale: float = setting(
        0.2, "deviation of the noise over that of what it is added to (not stated)", at_least=0
    )

    quality: float = setting(
        30,
        "JPEG quality of the plain file; a guided file is as large (section 3.6 matches the image quality)",
        at_least=1,
        at_most=100,
    )
    num_levels: int = setting(5, "k, levels of the encoder (section 2.5)", at_least=1)
    q_low: float = setting(
        15, "JPEG quality of the least salient level (not stated)", at_least=1, at_most=100
    )
    q_high: float = setting(
        55, "JPEG quality of the most salient level (not stated)", at_least=1, at_most=100
    )
    seed: int = setting(
        0, "seed of the perturbations, together with each image's id", at_least=0, at_most=LARGEST_SEED
    )


@dataclass(frozen=True, kw_only=True)
class AugmentedMapConfig:
    """One setting of Aug-MSROI, and the attacked images that it is tried on (chapter 3)."""

    network: str = setting("efficientnet-lite0", _NETWORK)
    input_size: int = setting(224, _INPUT_SIZE, at_least=1)
    top_k: int = setting(5, _TOP_K, at_least=1)
    num_perturbations: int = setting(5, _NUM_PERTURBATIONS, at_least=1)
    perturbation_scale: float = setting(
        0.2, "deviation of the noise over that of what it is added to; 0 is MS-ROI", at_least=0
    )
    seed: int = setting(
        0, "seed of the perturbations, together with each image's id", at_least=0, at_most=LARGEST_SEED
    )

    # As in a sweep of pixel deflection, whose adversarial images are used again.
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
    classifier: str = setting("efficientnet-lite0", "network that was attacked", choices=CLASSIFIERS)
    weights: str = setting("", "path of the classifier's weights; empty takes the shipped ones")
    device: str = setting("cpu", "where networks run: cpu, cuda, or cuda:N")
