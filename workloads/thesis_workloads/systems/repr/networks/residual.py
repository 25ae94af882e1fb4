"""Residual networks of 6n+2 layers for small images (He et al. 2016, section 4.2; tables 5.4 and 5.5).

Three stages of n blocks with 16, 32 and 64 filters; the first block of the second and third stage halves
the maps. Shortcuts have no parameters: they drop every second row and column and add channels of zeros.
Weights start from a zero-mean normal of variance 2 / fan-in.

Only the inner convolution of a block can lose filters: what the stem and the outer ones put out is summed
over the stage, so their pruned filters are silenced.
"""

from collections import OrderedDict

import torch.nn.functional as F
from torch import Tensor, nn

from thesis_workloads.systems.repr.pruning.wiring import Consumer, PrunableConv

STAGE_WIDTHS = (16, 32, 64)


class ResidualBlock(nn.Module):
    """Two 3x3 convolutions and a shortcut without parameters."""

    def __init__(self, in_channels: int, out_channels: int, *, stride: int) -> None:
        super().__init__()
        self.conv1 = conv3x3(in_channels, out_channels, stride=stride)
        self.norm1 = nn.BatchNorm2d(out_channels)
        self.conv2 = conv3x3(out_channels, out_channels)
        self.norm2 = nn.BatchNorm2d(out_channels)
        self.num_new, self.stride = out_channels - in_channels, stride

    def forward(self, features: Tensor) -> Tensor:
        """Returns the block's outputs (B, out_channels, H / stride, W / stride)."""
        inner = self.norm2(self.conv2(F.relu(self.norm1(self.conv1(features)))))
        shortcut = features[:, :, :: self.stride, :: self.stride]
        return F.relu(inner + F.pad(shortcut, (0, 0, 0, 0, 0, self.num_new)))


def conv3x3(in_channels: int, out_channels: int, *, stride: int = 1) -> nn.Conv2d:
    """Returns a convolution without bias that keeps the size at stride 1."""
    conv = nn.Conv2d(in_channels, out_channels, 3, stride=stride, padding=1, bias=False)
    nn.init.kaiming_normal_(conv.weight, nonlinearity="relu")
    return conv


def residual_network(
    depth: int,
    *,
    in_channels: int,
    image_size: tuple[int, int],
    num_classes: int,
    batch_norm: bool,
    dropout: float,
) -> nn.Sequential:
    """Returns the network of ``depth`` layers; it always has batch normalisation.

    Raises:
        ValueError: if the depth is not 6n+2, or dropout is asked for.
    """
    if depth < 8 or depth % 6 != 2:
        raise ValueError(f"model must have 6n+2 layers, such as resnet-20 or resnet-32, got {depth=}")
    refuse_dropout(dropout)
    stem = OrderedDict(
        conv=conv3x3(in_channels, STAGE_WIDTHS[0]), norm=nn.BatchNorm2d(STAGE_WIDTHS[0]), relu=nn.ReLU()
    )
    layers: OrderedDict[str, nn.Module] = OrderedDict(stem=nn.Sequential(stem))
    before = STAGE_WIDTHS[0]
    for stage, width in enumerate(STAGE_WIDTHS):
        for position in range((depth - 2) // 6):
            stride = 2 if stage > 0 and position == 0 else 1
            layers[f"stage{stage + 1}_{position + 1}"] = ResidualBlock(before, width, stride=stride)
            before = width
    layers |= {
        "pool": nn.AdaptiveAvgPool2d(1),
        "flatten": nn.Flatten(),
        "head": nn.Linear(before, num_classes),
    }
    return nn.Sequential(layers)


def refuse_dropout(dropout: float) -> None:
    """Checks that no dropout is asked of a network that has no place for it.

    Raises:
        ValueError: if it is.
    """
    if dropout > 0:
        raise ValueError(
            f"dropout must be 0 for residual networks, which have no place for it, got {dropout=}"
        )


def residual_wiring(network: nn.Sequential) -> tuple[PrunableConv, ...]:
    """Returns the wiring of a network that `residual_network` made."""
    blocks = [name for name, block in network.named_children() if isinstance(block, ResidualBlock)]
    readers = (*(f"{name}.conv1" for name in blocks), "head")  # channels keep their numbers from sum to sum
    convs = [silenced("stem.conv", "stem.norm", readers=readers)]
    for place, name in enumerate(blocks):
        inner = (Consumer(name=f"{name}.conv2"),)
        convs.append(PrunableConv(conv=f"{name}.conv1", norm=f"{name}.norm1", consumers=inner))
        convs.append(silenced(f"{name}.conv2", f"{name}.norm2", readers=readers[place + 1 :]))
    return tuple(convs)


def silenced(conv: str, norm: str, *, readers: tuple[str, ...] = ()) -> PrunableConv:
    """Returns the entry of a convolution whose outputs are summed with others; ``readers`` read the sums."""
    return PrunableConv(conv=conv, norm=norm, consumers=(), readers_of_sum=readers, removable=False)
