"""Mean average precision of detected boxes at ten IoU thresholds from 0.5 to 0.95 (COCO's protocol).

The evaluation is pycocotools': classes that no image has don't count, crowds are neither
found nor missed, and at most a hundred boxes an image are read.
"""

import contextlib
import io
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval
from torch import Tensor

from thesis_workloads.datasets.images.boxed_scenes import Scene


@dataclass(frozen=True, kw_only=True)
class Detections:
    """What a detector found in one image, best first."""

    boxes: Tensor  # (D, 4) float32: left, top, right, bottom in pixels
    labels: Tensor  # (D,) int64
    scores: Tensor  # (D,) 0..1


def mean_average_precision(found: Sequence[Detections], scenes: Sequence[Scene]) -> dict[str, float]:
    """Returns ``map`` over the ten thresholds, ``map_50`` and ``map_75``, each in 0..1.

    Raises:
        ValueError: if the lists differ in length, or no image has an object.
    """
    if len(found) != len(scenes):
        raise ValueError(f"found must have an entry for each scene, got {len(found)=} and {len(scenes)=}")
    if not any(bool((~scene.is_crowd).any()) for scene in scenes):
        raise ValueError(f"scenes must hold an object to find, got {len(scenes)=} without any")
    with contextlib.redirect_stdout(io.StringIO()):  # it reports progress and a table of its own
        truth = _coco(scenes)
        answers = [entry for number, each in enumerate(found) for entry in _entries(number, each)]
        if not answers:
            return {"map": 0.0, "map_50": 0.0, "map_75": 0.0}
        evaluation = COCOeval(truth, truth.loadRes(answers), "bbox")
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    return dict(zip(("map", "map_50", "map_75"), map(float, evaluation.stats[:3]), strict=True))


def _coco(scenes: Sequence[Scene]) -> COCO:
    boxes = [
        (number, box, int(label), bool(crowd))
        for number, scene in enumerate(scenes)
        for box, label, crowd in zip(_sized(scene.boxes), scene.labels, scene.is_crowd, strict=True)
    ]
    coco = COCO()
    coco.dataset = {
        "images": [{"id": number} for number in range(len(scenes))],
        "categories": [{"id": label} for label in sorted({label for _, _, label, _ in boxes})],
        "annotations": [
            {
                "id": place,
                "image_id": number,
                "bbox": box,
                "category_id": label,
                "area": box[2] * box[3],
                "iscrowd": int(crowd),
            }
            for place, (number, box, label, crowd) in enumerate(boxes, start=1)
        ],
    }
    coco.createIndex()
    return coco


def _entries(number: int, found: Detections) -> list[dict[str, object]]:
    return [
        {"image_id": number, "bbox": box, "category_id": int(label), "score": float(score)}
        for box, label, score in zip(_sized(found.boxes), found.labels, found.scores, strict=True)
    ]


def _sized(boxes: Tensor) -> list[list[float]]:
    """Returns left, top, width and height of boxes given by their corners."""
    values: list[list[float]] = torch.cat((boxes[:, :2], boxes[:, 2:] - boxes[:, :2]), 1).tolist()
    return values


def prior_boxes(scenes: Sequence[Scene]) -> Detections:
    """Returns detections that ignore the image: for each class its mean box, scored by how common the class is.

    The trivial baseline of a detector on images of one size.

    Raises:
        ValueError: if no image has an object.
    """
    boxes = torch.cat([scene.boxes[~scene.is_crowd] for scene in scenes])
    labels = torch.cat([scene.labels[~scene.is_crowd] for scene in scenes])
    if len(labels) == 0:
        raise ValueError(f"scenes must hold an object to learn from, got {len(scenes)=} without any")
    counts = labels.bincount()
    order = [int(label) for label in counts.argsort(descending=True) if counts[label] > 0]
    return Detections(
        boxes=torch.stack([boxes[labels == label].mean(0) for label in order]),
        labels=torch.tensor(order),
        scores=torch.tensor([float(counts[label]) / len(labels) for label in order]),
    )
