"""The size of a detector's run, computed without making a tensor or reading an image."""

from typing import Any

import torch
from torch.utils.flop_counter import FlopCounterMode

from thesis_workloads.contract.model_size import ModelSize
from thesis_workloads.datasets.images.generated_shapes import CLASSES
from thesis_workloads.systems.repr.detection.config import DetectionConfig
from thesis_workloads.systems.repr.detection.detector import build_detector, detector_wiring
from thesis_workloads.systems.repr.pruning.selection import check_prunable
from thesis_workloads.systems.repr.pruning.wiring import filters

_COCO_TRAIN = 82_783  # images of train2014
_COCO_CLASSES = 80


def size_of(config: DetectionConfig) -> ModelSize:
    """Returns the size of a run from its configuration.

    Raises:
        ValueError: if there is no such backbone or head.
    """
    detector = _detector(config)
    outputs: list[int] = []
    for module in detector.modules():
        if not list(module.children()):
            module.register_forward_hook(lambda _module, _inputs, output: outputs.append(_count(output)))
    counter = FlopCounterMode(display=False)
    with counter, torch.device("meta"):
        maps = detector.backbone(torch.empty(1, 3, config.image_size, config.image_size))
        maps = [maps] if isinstance(maps, torch.Tensor) else list(maps.values())
        detector.rpn.head(maps)
        side = 7 if config.head == "fpn" else config.region_cells
        regions = torch.empty(config.regions, maps[0].shape[1], side, side)
        detector.roi_heads.box_predictor(detector.roi_heads.box_head(regions))
    is_held = config.data == "shapes"
    num_train = config.num_train or _COCO_TRAIN - config.num_val
    return ModelSize(
        num_parameters=sum(parameter.numel() for parameter in detector.parameters()),
        flops_per_example=float(counter.get_total_flops()),
        activations_per_example=sum(outputs),
        values_per_example=3 * config.image_size**2 // 4
        if is_held
        else 0,  # bytes, a quarter of a float each
        num_train=num_train,
        num_val=config.num_val,
    )


def check_pruning(config: DetectionConfig) -> None:
    """Checks before anything starts that the backbone can lose p% of its filters.

    Raises:
        ValueError: if p would empty a layer.
    """
    detector = _detector(config)
    widths = {conv.conv: len(filters(detector, conv)) for conv in detector_wiring(detector)}
    if config.scheme == "repr":
        check_prunable(
            widths, p=config.p, min_filters=config.min_filters, rank_first_conv=config.rank_first_conv
        )


def _count(output: object) -> int:
    if isinstance(output, torch.Tensor):
        return output.numel()
    return sum(_count(each) for each in output) if isinstance(output, list | tuple) else 0


def _detector(config: DetectionConfig) -> Any:
    with torch.device("meta"):
        return build_detector(
            config.backbone,
            width=config.width,
            head=config.head,
            num_classes=len(CLASSES) if config.data == "shapes" else _COCO_CLASSES,
            image_size=config.image_size,
            smallest_anchor=config.smallest_anchor,
            pyramid_channels=config.pyramid_channels,
            head_width=config.head_width,
            region_cells=config.region_cells,
            regions=config.regions,
            proposals=config.proposals,
        )
