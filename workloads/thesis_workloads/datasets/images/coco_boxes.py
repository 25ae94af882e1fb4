"""Scenes of a folder in the format of COCO (Lin et al. 2014): images, and a JSON file of their boxes."""

from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.utils.data import Dataset

from thesis_workloads.datasets.errors import DatasetDamaged, DatasetMissing
from thesis_workloads.datasets.images.boxed_scenes import Scene
from thesis_workloads.datasets.text_file import read_json
from thesis_workloads.imaging.still_image import read_still


class CocoScenes(Dataset[Scene]):
    """Images of a folder with the boxes that an annotation file (``instances_*.json``) gives them.

    Labels are 1..K in the order of the file's category ids. Boxes without area are left out; images without
    a box stay. Files are read when a scene is asked for.

    Raises:
        DatasetMissing: if folder or file isn't there.
        DatasetDamaged: if the file isn't such a JSON file.
    """

    def __init__(self, folder: Path, annotations: Path) -> None:
        for path, kind in ((folder, "image folder"), (annotations, "annotation file")):
            if not path.exists():
                raise DatasetMissing(f"the {kind} {path} is not here: put COCO's files there, or name others")
        self._folder = folder
        self._path = annotations
        content = _read(annotations)
        categories = sorted(content["categories"], key=lambda category: category["id"])
        self.classes = tuple(str(category["name"]) for category in categories)
        self._labels = {category["id"]: number for number, category in enumerate(categories, start=1)}
        self._images = sorted(content["images"], key=lambda image: image["id"])
        self._objects: defaultdict[int, list[dict[str, Any]]] = defaultdict(list)
        for each in content["annotations"]:
            if min(each["bbox"][2:]) > 0:
                self._objects[each["image_id"]].append(each)

    def __len__(self) -> int:
        """Returns the number of images."""
        return len(self._images)

    def __getitem__(self, index: int) -> Scene:
        """Reads one image.

        Raises:
            DatasetDamaged: if it can't be read.
        """
        entry = self._images[index]
        objects = self._objects[entry["id"]]
        path = self._folder / entry["file_name"]
        try:
            pixels = np.array(read_still(path).pixels.convert("RGB"))
        except (OSError, ValueError) as error:
            raise DatasetDamaged(f"{path} can't be read as an image ({error}): fetch it again") from error
        corners = torch.tensor([each["bbox"] for each in objects], dtype=torch.float32).reshape(-1, 4)
        corners[:, 2:] += corners[:, :2]
        return Scene(
            id=int(entry["id"]),
            image=torch.from_numpy(pixels).permute(2, 0, 1).contiguous(),
            boxes=corners,
            labels=torch.tensor([self._label(each) for each in objects], dtype=torch.int64),
            is_crowd=torch.tensor([bool(each.get("iscrowd", 0)) for each in objects], dtype=torch.bool),
        )

    def _label(self, annotation: dict[str, Any]) -> int:
        category = annotation["category_id"]
        if category not in self._labels:
            raise DatasetDamaged(f"{self._path} has a box of category {category}, which it does not declare")
        return self._labels[category]


def _read(path: Path) -> dict[str, Any]:
    content = read_json(path)
    if not isinstance(content, dict):
        raise DatasetDamaged(f"{path} must be a JSON object, got {type(content).__name__}")
    for key, check in _CHECKS.items():
        if not isinstance(content.get(key), list):
            raise DatasetDamaged(
                f"{path} must have the lists images, annotations and categories, lacks {key}"
            )
        for number, entry in enumerate(content[key]):
            problem = check(entry) if isinstance(entry, dict) else "must be an object"
            if problem:
                raise DatasetDamaged(f"{path}: {key} entry {number} {problem}")
    return dict(content)


def _problem_of_image(entry: dict[str, Any]) -> str:
    if not isinstance(entry.get("file_name"), str):
        return f"must have a file_name, got {entry.get('file_name')!r:.40}"
    return _problem_of_id(entry, "id")


def _problem_of_category(entry: dict[str, Any]) -> str:
    return _problem_of_id(entry, "id") or ("" if "name" in entry else "must have a name")


def _problem_of_annotation(entry: dict[str, Any]) -> str:
    box = entry.get("bbox")
    is_box = isinstance(box, list) and len(box) == 4 and all(map(_is_number, box))
    if not is_box:
        return f"must have a bbox of four numbers (left, top, width, height), got {box!r:.40}"
    return _problem_of_id(entry, "image_id") or _problem_of_id(entry, "category_id")


def _problem_of_id(entry: dict[str, Any], key: str) -> str:
    value = entry.get(key)
    is_id = isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**63
    return "" if is_id else f"must have a whole number as {key}, got {value!r:.40}"


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < _MOST_PIXELS


_MOST_PIXELS = 1e9  # a coordinate; also leaves out what is not finite
_CHECKS = {
    "images": _problem_of_image,
    "annotations": _problem_of_annotation,
    "categories": _problem_of_category,
}
