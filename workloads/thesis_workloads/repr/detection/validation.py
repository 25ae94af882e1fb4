"""Checks of a detector's configuration that need neither data nor PyTorch."""

import difflib

from thesis_workloads.repr.detection.config import DetectionConfig

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
    for field, names in CHOICES.items():
        value = getattr(config, field)
        nearest = difflib.get_close_matches(value, names, n=1, cutoff=0.5)
        hint = f" (did you mean {nearest[0]}?)" if nearest else ""
        _check(value in names, field, f"be one of {', '.join(names)}", f"{value}{hint}")
    for field in AT_LEAST_ONE:
        _check(getattr(config, field) >= 1, field, "be at least 1", getattr(config, field))
    for field in NOT_NEGATIVE:
        _check(getattr(config, field) >= 0, field, "not be negative", getattr(config, field))
    _check(0 <= config.p <= 100, "p", "be within 0..100", config.p)
    _check(0 <= config.momentum < 1, "momentum", "be at least 0 and below 1", config.momentum)
    _check(0 < config.learning_rate < float("inf"), "learning_rate", "be positive", config.learning_rate)
    _check(config.image_size >= 64, "image_size", "be at least 64 pixels", config.image_size)
    if config.data == "shapes":
        _check(config.num_train >= 1, "num_train", "be at least 1 for generated scenes", config.num_train)
        _check(config.num_test >= 1, "num_test", "be at least 1 for generated scenes", config.num_test)
    if config.pretrained != "none":
        _check(config.width == 64, "width", "be 64 for a pretrained backbone", config.width)


def _check(is_right: bool, field: str, rule: str, value: object) -> None:
    if not is_right:
        raise ValueError(f"{field} must {rule}, got {field}={value}")
