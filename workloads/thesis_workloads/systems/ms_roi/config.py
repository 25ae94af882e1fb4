"""Settings of the network that makes maps of the regions of interest (chapter 2). Standard library only."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class RegionNetworkConfig:
    """One complete run: data, network, optimizer and seed."""

    # composites (shapes on photographs, generated) | stamps (photographed objects on photographs) |
    # caltech-256 (section 2.5, under the data folder) | path of a folder with a folder of images per class
    data: str = "composites"
    image_size: int = 64  # pixels, both sides, of what is trained on
    num_train: int = 3000  # scenes; of a folder at most so many, 0 takes all
    num_val: int = 400  # scenes of the held-out part, and as many of the test part

    stages: int = 5  # of two convolutions and a pooling (section 2.5); each halves the map's sides
    width: int = 64  # filters of the first stage, doubled from stage to stage up to eight times (not stated)
    maps_per_class: int = 4  # d of equation 2.4 (not stated)

    epochs: int = 30  # (not stated)
    batch_size: int = 32  # images per optimizer step over all workers together (not stated)
    learning_rate: float = 1e-3  # of Adam (not stated)
    weight_decay: float = 1e-5  # (not stated)
    seed: int = 0  # initial weights, order of images
    device: str = "auto"  # auto | cpu | cuda


@dataclass(frozen=True, kw_only=True)
class RegionEncoderConfig:
    """One setting of the content-aware encoder, and the photographs that it is tried on (chapter 2)."""

    encoder: str = "content-aware"  # or plain: JPEG at `quality`, whose size the other's files have
    quality: float = 50  # of the plain JPEG (section 2.5)
    num_levels: int = 5  # k (section 2.5)
    q_low: float = 30  # JPEG quality of the least salient level (section 2.5)
    q_high: float = 70  # of the most salient one (section 2.5)
    rounding: str = "jpeg"  # or keep: see imaging.mosaic
    classes: str = "top-5"  # in the map: the strongest so many by rank, or above-T (equation 2.5)

    network: str = "efficientnet-lite0"  # in the catalog of classifiers, or the path of a trained state
    input_size: int = 448  # pixels that the shorter side is scaled to for the map
    data: str = "photographs"  # the shipped ones, or the path of a folder of images
    longest_side: int = 1024  # pixels: a larger photograph is scaled down first; 0 takes all as they are
    num_val: int = 0  # photographs at most of each part; 0 takes all
    batch_size: int = 1  # photographs at a time
    epochs: int = 3  # steps in which a trial walks the photographs; it reports after each
    seed: int = 0  # which half of each part is tried
