"""Settings of the network that makes maps of the regions of interest (chapter 2). Standard library only."""

from dataclasses import dataclass

from thesis_workloads.contract.settings import LARGEST_SEED, setting


@dataclass(frozen=True, kw_only=True)
class RegionNetworkConfig:
    """One complete run: data, network, optimizer and seed."""

    data: str = setting(
        "composites",
        "composites (shapes on photographs, generated), stamps (photographed objects on photographs), caltech-256"
        " (section 2.5, under the data folder), or the path of a folder with a folder of images per class",
    )
    image_size: int = setting(64, "pixels, both sides, of what is trained on", at_least=16)
    num_train: int = setting(3000, "scenes; of a folder at most so many, 0 takes all", at_least=0)
    num_val: int = setting(400, "scenes of the held-out part, and as many of the test part", at_least=1)

    stages: int = setting(
        5,
        "stages of two convolutions and a pooling (section 2.5); each halves the map's sides",
        at_least=1,
    )
    width: int = setting(
        64,
        "filters of the first stage, doubled from stage to stage up to eight times (not stated)",
        at_least=1,
    )
    maps_per_class: int = setting(4, "d of equation 2.4 (not stated)", at_least=1)

    epochs: int = setting(30, "passes over the training scenes (not stated)", at_least=1)
    batch_size: int = setting(
        32, "images per optimizer step over all workers together (not stated)", at_least=1
    )
    learning_rate: float = setting(1e-3, "step size of Adam (not stated)", above=0)
    weight_decay: float = setting(1e-5, "L2 penalty (not stated)", at_least=0)
    seed: int = setting(0, "seed of initial weights and order of images", at_least=0, at_most=LARGEST_SEED)
    device: str = setting(
        "auto", "where it trains; auto takes an accelerator if there is one", choices=("auto", "cpu", "cuda")
    )


@dataclass(frozen=True, kw_only=True)
class RegionEncoderConfig:
    """One setting of the content-aware encoder, and the photographs that it is tried on (chapter 2)."""

    encoder: str = setting(
        "content-aware",
        "plain: JPEG at `quality`, whose size the files of the other have",
        choices=("content-aware", "plain"),
    )
    quality: float = setting(50, "JPEG quality of the plain file (section 2.5)", at_least=1, at_most=100)
    num_levels: int = setting(5, "k, levels of the encoder (section 2.5)", at_least=1)
    q_low: float = setting(
        30, "JPEG quality of the least salient level (section 2.5)", at_least=1, at_most=100
    )
    q_high: float = setting(
        70, "JPEG quality of the most salient level (section 2.5)", at_least=1, at_most=100
    )
    rounding: str = setting(
        "jpeg", "rounding of the mosaic's coefficients (imaging.jpeg.mosaic)", choices=("jpeg", "keep")
    )
    classes: str = setting(
        "top-5", "classes in the map: top-K, the strongest K by rank, or above-T (equation 2.5)"
    )

    network: str = setting(
        "efficientnet-lite0",
        "network whose maps are taken: in the catalog of classifiers, or the path of a trained state",
    )
    input_size: int = setting(448, "pixels that the shorter side is scaled to for the map", at_least=32)
    data: str = setting("photographs", "photographs (the shipped ones), or the path of a folder of images")
    longest_side: int = setting(
        1024, "pixels: a larger photograph is scaled down first; 0 takes all as they are", at_least=0
    )
    num_val: int = setting(0, "photographs at most of each part; 0 takes all", at_least=0)
    batch_size: int = setting(1, "photographs at a time", at_least=1)
    epochs: int = setting(
        3, "steps in which a trial walks the photographs; it reports after each", at_least=1
    )
    seed: int = setting(0, "seed of the half of each part that is tried", at_least=0, at_most=LARGEST_SEED)
