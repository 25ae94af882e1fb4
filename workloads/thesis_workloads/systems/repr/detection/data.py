"""The three parts of a set of scenes."""

import hashlib
import json
from pathlib import Path

import torch
from torch.utils.data import Subset

from thesis_workloads.datasets.errors import DatasetMissing
from thesis_workloads.datasets.images import generated_shapes
from thesis_workloads.datasets.images.boxed_scenes import Scenes, SceneSplits
from thesis_workloads.datasets.images.coco_boxes import CocoScenes
from thesis_workloads.datasets.images.generated_shapes import ShapeScenes
from thesis_workloads.systems.repr.detection.config import DetectionConfig
from thesis_workloads.training.seeding import derived_seed, generator

DATA_FIELDS = ("data", "num_train", "num_val", "num_test", "scene_seed", "image_size")
COCO_PARTS = {"train": ("train2014", "train2017", "train"), "test": ("val2014", "val2017", "val")}
"""Folders of images, in this order of preference; boxes are in annotations/instances_<folder>.json."""


def load(config: DetectionConfig, data_dir: Path | None) -> SceneSplits:
    """Returns the parts of a set.

    Generated scenes are drawn once and held in memory; COCO's images are read when they are used.

    Raises:
        DatasetMissing: if COCO's files aren't in the data folder.
        ValueError: if more images are asked for than there are.
    """
    return _shapes(config) if config.data == "shapes" else _coco(config, data_dir)


def _shapes(config: DetectionConfig) -> SceneSplits:
    sizes = {"train": config.num_train, "val": config.num_val, "test": config.num_test}
    parts: dict[str, Scenes] = {}
    for part, size in sizes.items():
        drawn = ShapeScenes(size, size=config.image_size, seed=derived_seed(part, config.scene_seed))
        parts[part] = [drawn[index] for index in range(size)]
    settings = [generated_shapes.VERSION, sizes, config.scene_seed, config.image_size]
    return SceneSplits(
        **parts,
        classes=generated_shapes.CLASSES,
        name="shapes",
        version=generated_shapes.VERSION,
        digest=hashlib.sha256(json.dumps(settings).encode()).hexdigest()[:16],
    )


def _coco(config: DetectionConfig, data_dir: Path | None) -> SceneSplits:
    if data_dir is None:
        raise DatasetMissing(
            "dataset 'coco' needs --data-dir: the folder that holds coco/train2014 and the like"
        )
    root = data_dir / "coco" if (data_dir / "coco").is_dir() else data_dir
    folders = {part: _folder(root, names) for part, names in COCO_PARTS.items()}
    files = {part: root / "annotations" / f"instances_{folder.name}.json" for part, folder in folders.items()}
    known, test = (CocoScenes(folders[part], files[part]) for part in COCO_PARTS)
    if known.classes != test.classes:
        raise ValueError(
            f"annotations must have the same categories, got {files['train'].name} and {files['test'].name}"
        )
    order = _order(len(known))
    num_train = config.num_train or len(order) - config.num_val
    _check_size("num_train", num_train + config.num_val, len(order), "with num_val")
    _check_size("num_test", config.num_test, len(test), "in the test part")
    return SceneSplits(
        train=Subset(known, order[config.num_val : config.num_val + num_train]),
        val=Subset(known, order[: config.num_val]),
        test=Subset(test, _order(len(test))[: config.num_test or len(test)]),
        classes=known.classes,
        name="coco",
        version=folders["train"].name,
        digest=hashlib.sha256(b"".join(file.read_bytes() for file in files.values())).hexdigest()[:16],
    )


def _order(count: int) -> list[int]:
    order: list[int] = torch.randperm(count, generator=generator("held-out scenes")).tolist()
    return order


def _folder(root: Path, names: tuple[str, ...]) -> Path:
    found = [root / name for name in names if (root / name).is_dir()]
    if not found:
        raise DatasetMissing(
            f"dataset 'coco' is not here: none of {', '.join(names)} is in {root}; put COCO's images there"
        )
    return found[0]


def _check_size(field: str, asked: int, there: int, what: str) -> None:
    if asked > there:
        raise ValueError(f"{field} must leave at most {there} images {what}, got {asked}")
