"""Checks of a detector's configuration that need neither data nor PyTorch."""

from thesis_workloads.systems.repr.detection.config import DetectionConfig
from thesis_workloads.training.config_checks import check, check_at_least_one, check_names, check_not_negative

CHOICES = {
    "data": ("shapes", "coco"),
    "backbone": ("resnet-10", "resnet-18", "resnet-34", "resnet-50", "resnet-101"),
    "head": ("fpn", "c4"),
    "scheme": ("repr", "standard"),
    "metric": ("ortho", "weights", "random"),
    "score_scale": ("none", "dimension", "layer"),
    "optimizer": ("sgd", "momentum", "adam"),
    "schedule": ("constant", "steps", "cyclic"),
    "device": ("auto", "cpu", "cuda"),
    "precision": ("float32", "bfloat16"),
}
AT_LEAST_ONE = (
    *(
        "num_val",
        "width",
        "smallest_anchor",
        "pyramid_channels",
        "head_width",
        "region_cells",
        "regions",
        "proposals",
    ),
    *("s1", "s2", "n", "min_filters", "epochs", "batch_size"),
)
NOT_NEGATIVE = ("num_train", "num_test", "scene_seed", "weight_decay", "warmup_steps", "num_loaders", "seed")
NEED_IMAGES = ("oracle", "activations", "apoz", "gradients", "taylor", "hessian")


def validate(config: DetectionConfig) -> None:
    """Checks every field that has bounds or a fixed choice of names.

    Raises:
        ValueError: naming the field, what it must be, and what it is.
    """
    if config.metric in NEED_IMAGES:
        raise ValueError(
            f"metric must be one that needs no images for a detector ({', '.join(CHOICES['metric'])}): "
            f"the others read the answers of a classifier, got metric={config.metric}"
        )
    check_names(config, CHOICES)
    check_at_least_one(config, AT_LEAST_ONE)
    check_not_negative(config, NOT_NEGATIVE)
    check(0 <= config.p <= 100, "p", "be within 0..100", config.p)
    check(0 <= config.momentum < 1, "momentum", "be at least 0 and below 1", config.momentum)
    check(0 < config.learning_rate < float("inf"), "learning_rate", "be positive", config.learning_rate)
    check(config.image_size >= 64, "image_size", "be at least 64 pixels", config.image_size)
    if config.data == "shapes":
        check(config.num_train >= 1, "num_train", "be at least 1 for generated scenes", config.num_train)
        check(config.num_test >= 1, "num_test", "be at least 1 for generated scenes", config.num_test)
    if config.pretrained != "none":
        check(config.width == 64, "width", "be 64 for a pretrained backbone", config.width)
