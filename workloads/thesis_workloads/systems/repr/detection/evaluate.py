"""What a detector finds in some scenes, shared out among the workers."""

import torch
from torch import nn

from thesis_workloads.datasets.images.boxed_scenes import Scene, Scenes, scene_batches
from thesis_workloads.systems.repr.detection.average_precision import Detections
from thesis_workloads.training.distributed import gather_list
from thesis_workloads.training.evaluation import slice_of


@torch.no_grad()
def detect(
    detector: nn.Module, scenes: Scenes, *, batch_size: int, num_loaders: int = 0
) -> tuple[list[Detections], list[Scene]]:
    """Returns the detections in each scene, and the scenes with their boxes but no pixels, in order.

    Every worker takes a contiguous part and all get everything. The detector is left in the mode it was in.
    """
    part = slice_of(len(scenes))
    batches = torch.arange(part.start, part.stop).split(batch_size) if part.stop > part.start else ()
    parameter = next(detector.parameters())
    was_training = detector.training
    detector.eval()
    found: list[tuple[Detections, Scene]] = []
    for batch in scene_batches(scenes, [each.tolist() for each in batches], num_loaders=num_loaders):
        images = [scene.image.to(parameter.device).to(parameter.dtype) / 255 for scene in batch]
        for scene, answer in zip(batch, detector(images), strict=True):
            values = {name: answer[name].cpu() for name in ("boxes", "labels", "scores")}
            found.append((Detections(**values), _without_pixels(scene)))
    detector.train(was_training)
    both = gather_list(found)
    return [detections for detections, _ in both], [scene for _, scene in both]


def _without_pixels(scene: Scene) -> Scene:
    return Scene(
        id=scene.id,
        image=torch.empty(3, 0, 0, dtype=torch.uint8),
        boxes=scene.boxes,
        labels=scene.labels,
        is_crowd=scene.is_crowd,
    )
