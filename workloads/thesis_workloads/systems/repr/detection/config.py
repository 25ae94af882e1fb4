"""Settings of one training run of a detector. Standard library only."""

from dataclasses import dataclass

from thesis_workloads.contract.settings import LARGEST_SEED, setting


@dataclass(frozen=True, kw_only=True)
class DetectionConfig:
    """One complete run: scenes, detector, training scheme, optimizer and seed.

    The defaults fit scenes of 96 pixels on one core; ``--scale paper`` has those of section 5.8.3.
    """

    data: str = setting(
        "shapes",
        "shapes, which are generated, or coco, a folder in COCO's format",
        choices=("shapes", "coco"),
    )
    num_train: int = setting(
        400, "training images; 0 takes all that the held-out part leaves (coco)", at_least=0
    )
    num_val: int = setting(
        80, "held-out images; for coco they are taken from the training images", at_least=1
    )
    num_test: int = setting(160, "images of the test part, read once; 0 takes all (coco)", at_least=0)
    scene_seed: int = setting(
        0, "seed of the generated scenes, the same for every seed of the training", at_least=0
    )

    backbone: str = setting(
        "resnet-10",
        "residual network that the features come from",
        choices=("resnet-10", "resnet-18", "resnet-34", "resnet-50", "resnet-101"),
    )
    width: int = setting(
        16, "filters of the backbone's first stage; torchvision's networks have 64", at_least=1
    )
    head: str = setting(
        "fpn",
        "fpn: feature pyramid; c4: the last stage reads each region from the fourth (table 5.9)",
        choices=("fpn", "c4"),
    )
    pretrained: str = setting(
        "none", "none, or the file of a state of `thesis train repr` with the same backbone"
    )
    image_size: int = setting(
        96, "pixels that the shorter side is scaled to; the longer has at most 5/3 of it", at_least=64
    )
    smallest_anchor: int = setting(12, "pixels; anchors double four times from there", at_least=1)
    pyramid_channels: int = setting(32, "channels of the feature pyramid", at_least=1)
    head_width: int = setting(128, "units of the two fully connected layers behind the pyramid", at_least=1)
    region_cells: int = setting(
        7, "side of the pooled region that c4's last stage reads; 14 in He et al. 2016", at_least=1
    )
    regions: int = setting(64, "regions of each image that the head is trained on", at_least=1)
    proposals: int = setting(200, "regions of each image that are kept before", at_least=1)

    scheme: str = setting("repr", "training scheme of the backbone", choices=("repr", "standard"))
    metric: str = setting(
        "ortho",
        "what filters are ranked by",
        choices=("ortho", "weights", "random"),
        reason="a metric that needs no images for a detector: the others read the answers of a classifier",
    )
    s1: int = setting(5, "epochs of the full network per iteration (algorithm 4)", at_least=1)
    s2: int = setting(2, "epochs of the sub-network per iteration (algorithm 4)", at_least=1)
    p: float = setting(
        30.0, "percent of all filters of the backbone pruned per iteration", at_least=0, at_most=100
    )
    n: int = setting(3, "iterations", at_least=1)
    rank_first_conv: bool = setting(False, "let the first convolution lose filters too")
    score_scale: str = setting(
        "none", "what an ortho score is divided by, as for `repr`", choices=("none", "dimension", "layer")
    )
    min_filters: int = setting(1, "filters that every layer keeps", at_least=1)

    epochs: int = setting(24, "epochs of the whole run", at_least=1)
    batch_size: int = setting(8, "images per optimizer step over all workers together", at_least=1)
    optimizer: str = setting("adam", "rule of a step", choices=("sgd", "momentum", "adam"))
    learning_rate: float = setting(0.001, "step size of the optimizer", above=0)
    momentum: float = setting(
        0.9, 'share of the last step that the optimizer "momentum" keeps', at_least=0, below=1
    )
    weight_decay: float = setting(0.0001, "L2 penalty", at_least=0)
    schedule: str = setting("steps", "course of the learning rate", choices=("constant", "steps", "cyclic"))
    warmup_steps: int = setting(50, "steps of the run over which the rate rises to its value", at_least=0)
    num_loaders: int = setting(0, "processes of each worker that read and decode images ahead", at_least=0)
    seed: int = setting(
        0,
        "seed of initial weights, order of images, sampled regions and random ranking",
        at_least=0,
        at_most=LARGEST_SEED,
    )
    device: str = setting(
        "auto", "where it trains; auto takes an accelerator if there is one", choices=("auto", "cpu", "cuda")
    )
    precision: str = setting(
        "float32", "number format of the layers' products in training", choices=("float32", "bfloat16")
    )
