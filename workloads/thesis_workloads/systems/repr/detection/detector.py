"""Faster R-CNN (Ren et al. 2015) from torchvision's parts, with the two necks of table 5.9.

- fpn: a feature pyramid over the four stages (Lin et al. 2017), RoIAlign 7x7, two fully connected layers;
- c4: regions are proposed on and pooled from the third stage (stride 16); the fourth stage reads each region
  and its mean is classified, as in He et al. 2016.

Deliberate deviations from torchvision's ready-made detectors: batch normalisation trains (theirs is frozen,
and a frozen one cannot start a new filter afresh), and all stages train.
"""

from pathlib import Path

from torch import Tensor, nn
from torchvision.models.detection import FasterRCNN
from torchvision.models.detection.anchor_utils import AnchorGenerator
from torchvision.models.detection.backbone_utils import BackboneWithFPN
from torchvision.models.detection.faster_rcnn import FastRCNNPredictor, TwoMLPHead
from torchvision.models.resnet import BasicBlock, Bottleneck, conv1x1
from torchvision.ops import MultiScaleRoIAlign

from thesis_workloads.systems.repr.networks.imagenet import residual_block_wiring
from thesis_workloads.systems.repr.pruning.wiring import PrunableConv
from thesis_workloads.training.saved_file import read_saved

Block = type[BasicBlock] | type[Bottleneck]

BLOCKS: dict[str, tuple[Block, tuple[int, int, int, int]]] = {
    "resnet-10": (BasicBlock, (1, 1, 1, 1)),
    "resnet-18": (BasicBlock, (2, 2, 2, 2)),
    "resnet-34": (BasicBlock, (3, 4, 6, 3)),
    "resnet-50": (Bottleneck, (3, 4, 6, 3)),
    "resnet-101": (Bottleneck, (3, 4, 23, 3)),
}
HEADS = ("fpn", "c4")
LONGEST = 5 / 3  # of the longer side to the shorter, as 1333 to 800


class Stages(nn.Module):
    """The stem and four stages of a residual network, under torchvision's names."""

    def __init__(self, name: str, *, width: int) -> None:
        super().__init__()
        block, depths = BLOCKS[name]
        self.conv1 = nn.Conv2d(3, width, kernel_size=7, stride=2, padding=3, bias=False)
        self.bn1, self.relu = nn.BatchNorm2d(width), nn.ReLU()
        self.maxpool = nn.MaxPool2d(kernel_size=3, stride=2, padding=1)
        channels = width
        for number, depth in enumerate(depths):
            stage, channels = _stage(block, channels, width << number, depth=depth, stride=min(number, 1) + 1)
            self.add_module(f"layer{number + 1}", stage)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")

    def forward(self, images: Tensor) -> Tensor:
        """Returns the last stage's maps (B, C, H / 32, W / 32) that are there."""
        for module in self.children():
            images = module(images)
        return images


class RegionStage(nn.Module):
    """The last stage on pooled regions, and its mean."""

    def __init__(self, stage: nn.Module) -> None:
        super().__init__()
        self.layer4 = stage

    def forward(self, regions: Tensor) -> Tensor:
        """Returns (R, C) for regions (R, C / 2, cells, cells)."""
        mean: Tensor = self.layer4(regions).mean((2, 3))
        return mean


class Features(nn.Module):
    """What a detector's backbone makes of images, as one vector each: the part that other tasks can use."""

    def __init__(self, detector: FasterRCNN) -> None:
        super().__init__()
        self.backbone = detector.backbone

    def forward(self, images: Tensor) -> Tensor:
        """Returns the mean (B, C) of the coarsest maps for normalised images (B, 3, H, W)."""
        maps = self.backbone(images)
        coarsest: Tensor = maps if isinstance(maps, Tensor) else list(maps.values())[-1]
        return coarsest.mean((2, 3))


def build_detector(
    backbone: str,
    *,
    width: int,
    head: str,
    num_classes: int,
    image_size: int,
    smallest_anchor: int,
    pyramid_channels: int,
    head_width: int,
    region_cells: int,
    regions: int,
    proposals: int,
) -> FasterRCNN:
    """Returns a detector with random weights, ``num_classes`` without the background.

    Raises:
        ValueError: if backbone or head is unknown.
    """
    if backbone not in BLOCKS or head not in HEADS:
        raise ValueError(
            f"backbone must be one of {', '.join(BLOCKS)}, head fpn or c4, got {backbone=}, {head=}"
        )
    stages = Stages(backbone, width=width)
    sizes = tuple(smallest_anchor << level for level in range(5))
    shared = {
        "min_size": image_size,
        "max_size": round(LONGEST * image_size),
        "rpn_pre_nms_top_n_train": 2 * proposals,
        "rpn_pre_nms_top_n_test": 2 * proposals,
        "rpn_post_nms_top_n_train": proposals,
        "rpn_post_nms_top_n_test": proposals,
        "box_batch_size_per_image": regions,
    }
    if head == "fpn":
        outputs = [_channels(stages, f"layer{number}") for number in (1, 2, 3, 4)]
        layers = {f"layer{number}": str(number - 1) for number in (1, 2, 3, 4)}
        neck: nn.Module = BackboneWithFPN(stages, layers, outputs, pyramid_channels)
        anchors = AnchorGenerator(tuple((size,) for size in sizes), ((0.5, 1.0, 2.0),) * 5)
        pool = MultiScaleRoIAlign(["0", "1", "2", "3"], output_size=7, sampling_ratio=2)
        box_head: nn.Module = TwoMLPHead(pyramid_channels * 7**2, head_width)
    else:
        head_width = _channels(stages, "layer4")
        box_head = RegionStage(stages.get_submodule("layer4"))
        channels = _channels(stages, "layer3")
        del stages.layer4
        neck = stages
        neck.out_channels = channels  # type: ignore[assignment]
        anchors = AnchorGenerator((sizes,), ((0.5, 1.0, 2.0),))
        pool = MultiScaleRoIAlign(["0"], output_size=region_cells, sampling_ratio=2)
    return FasterRCNN(
        neck,
        rpn_anchor_generator=anchors,
        box_roi_pool=pool,
        box_head=box_head,
        box_predictor=FastRCNNPredictor(head_width, num_classes + 1),
        **shared,
    )


def detector_wiring(detector: nn.Module) -> tuple[PrunableConv, ...]:
    """Returns the wiring of the backbone's convolutions, the last stage of c4 included."""
    stem = "backbone.body." if hasattr(detector.get_submodule("backbone"), "body") else "backbone."
    return residual_block_wiring(detector, stem=(f"{stem}conv1", f"{stem}bn1"))


def load_backbone(detector: nn.Module, path: Path, *, backbone: str, width: int) -> None:
    """Puts the weights of a trained classification network into the backbone, in place.

    Raises:
        ValueError: if the file isn't the state of a run with this network after an epoch of all its filters.
    """
    if not path.is_file():
        raise ValueError(f"pretrained must be none or the file of a run's state, got pretrained={path}")
    saved = read_saved(path)
    saved = saved if isinstance(saved, dict) else {}
    if width != 64 or saved.get("phase") != "full" or saved.get("identity", {}).get("model") != backbone:
        found = saved.get("identity", {}).get("model", "no run's state")
        raise ValueError(
            f"pretrained must be the state of {backbone} of width 64 after an epoch of the full network, "
            f"got pretrained={path} of {found} for {width=}"
        )
    weights, target = saved["full"], detector.state_dict()
    for name in target:
        short = name.removeprefix("backbone.").removeprefix("body.").removeprefix("roi_heads.box_head.")
        if short in weights:
            target[name].copy_(weights[short])


def _stage(
    block: Block, in_channels: int, width: int, *, depth: int, stride: int
) -> tuple[nn.Sequential, int]:
    out_channels = width * block.expansion
    shortcut = None
    if stride != 1 or in_channels != out_channels:
        shortcut = nn.Sequential(conv1x1(in_channels, out_channels, stride), nn.BatchNorm2d(out_channels))
    first = block(in_channels, width, stride, shortcut)
    return nn.Sequential(first, *(block(out_channels, width) for _ in range(depth - 1))), out_channels


def _channels(stages: nn.Module, name: str) -> int:
    last = list(stages.get_submodule(name).children())[-1]
    convs = [module for key, module in last.named_children() if key.startswith("conv")]
    assert isinstance(convs[-1], nn.Conv2d)
    return convs[-1].out_channels
