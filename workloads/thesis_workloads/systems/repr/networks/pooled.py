"""C^n(X) with a pooling after each layer, and the network of the author's published code.

The dissertation's formula names no pooling, the published code (iamaaditya/repr-ortho, model.py) has one: 3x3 with
stride 2 after each layer, behind the ReLU, maps padded at their ends to half their size rounded up. ``cn-X-pool`` is
C^n(X) with that pooling. ``cn-X-released`` also has that code's 5x5 kernels and first weights: normal of deviation
0.04, cut off at two deviations, the fully connected layer's too; biases start from zero.
"""

from collections import OrderedDict

import torch.nn.functional as F
from torch import Tensor, nn

from thesis_workloads.systems.repr.networks.flatten import FlattenMaps

_RELEASED_DEVIATION = 0.04


class HalvingPool(nn.Module):
    """Maximum over 3x3 with stride 2; the maps are padded as evenly as possible, more at the end."""

    def forward(self, maps: Tensor) -> Tensor:
        """Returns maps (B, C, H, W) as (B, C, ceil(H / 2), ceil(W / 2))."""
        top, left = ((size % 2) for size in maps.shape[2:])
        return F.max_pool2d(F.pad(maps, (left, 1, top, 1), value=float("-inf")), 3, stride=2)


def pooled_network(
    depth: int,
    width: int,
    *,
    in_channels: int,
    image_size: tuple[int, int],
    num_classes: int,
    batch_norm: bool,
    dropout: float,
    kernel_size: int = 3,
) -> nn.Sequential:
    """Returns the pooled network for images (B, in_channels, *image_size), with logits (B, num_classes).

    Raises:
        ValueError: if a pooling would meet maps of a single pixel.
    """
    height, width_px = image_size
    layers: OrderedDict[str, nn.Module] = OrderedDict()
    for number in range(depth):
        if height * width_px == 1:
            raise ValueError(
                f"model must leave more than one pixel to each pooling: {image_size[0]}x{image_size[1]} images are"
                f" pooled to one by {number} layers, got {depth=}"
            )
        layers[f"conv{number + 1}"] = _block(
            in_channels if number == 0 else width,
            width,
            kernel_size=kernel_size,
            batch_norm=batch_norm,
            dropout=dropout,
        )
        height, width_px = -(-height // 2), -(-width_px // 2)
    layers["flatten"] = FlattenMaps()
    layers["head"] = nn.Linear(width * height * width_px, num_classes)
    return nn.Sequential(layers)


def released_network(depth: int, width: int, **options: object) -> nn.Sequential:
    """Returns the published code's network; takes what `pooled_network` takes.

    Raises:
        ValueError: if a pooling would meet maps of a single pixel.
    """
    network = pooled_network(depth, width, **options, kernel_size=5)  # type: ignore[arg-type]
    for module in network.modules():
        if isinstance(module, nn.Conv2d | nn.Linear):
            cut = 2 * _RELEASED_DEVIATION
            nn.init.trunc_normal_(module.weight, std=_RELEASED_DEVIATION, a=-cut, b=cut)
            assert module.bias is not None
            nn.init.zeros_(module.bias)
    return network


def _block(
    in_channels: int, out_channels: int, *, kernel_size: int, batch_norm: bool, dropout: float
) -> nn.Sequential:
    conv = nn.Conv2d(in_channels, out_channels, kernel_size, padding=kernel_size // 2)
    nn.init.kaiming_normal_(conv.weight, nonlinearity="relu")
    assert conv.bias is not None
    nn.init.zeros_(conv.bias)
    layers: OrderedDict[str, nn.Module] = OrderedDict(conv=conv)
    if batch_norm:
        layers["norm"] = nn.BatchNorm2d(out_channels)
    layers["relu"] = nn.ReLU()
    layers["pool"] = HalvingPool()
    if dropout > 0:
        layers["dropout"] = nn.Dropout(dropout)
    return nn.Sequential(layers)
