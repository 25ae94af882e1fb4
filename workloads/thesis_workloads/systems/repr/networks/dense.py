"""Densely connected networks of growth k = 12 for small images (Huang et al. 2017; table 5.5).

Three blocks of n = (depth - 4) / 3 layers, each BN -> ReLU -> conv 3x3 (-> dropout), whose outputs are
concatenated to all features before them; BN -> ReLU -> conv 1x1 -> average pooling between the blocks; sixteen
filters in the stem. Neither bottlenecks nor compression: with them the parameter counts of table 5.5 (1,016
and 6,968 thousand for depth 40 and 100) can't be met.

The table's five-layer network can't have 3n + 4 layers. Its 1.7 thousand parameters are those of a stem of
k filters, one dense layer and the last batch normalisation (1,692): with the classifier five layers that have
parameters. That is what depth 5 builds.

Every filter can be removed: it has its own places in the batch normalisations and convolutions that read
the concatenated features.
"""

from collections import OrderedDict

import torch
from torch import Tensor, nn

from thesis_workloads.systems.repr.networks.residual import conv3x3
from thesis_workloads.systems.repr.pruning.wiring import Consumer, PrunableConv

GROWTH = 12
STEM_WIDTH = 16


class DenseLayer(nn.Module):
    """New features next to the old ones."""

    def __init__(self, in_channels: int, *, dropout: float) -> None:
        super().__init__()
        self.norm, self.relu = nn.BatchNorm2d(in_channels), nn.ReLU()
        self.conv = conv3x3(in_channels, GROWTH)
        self.dropout = nn.Dropout(dropout)

    def forward(self, features: Tensor) -> Tensor:
        """Returns the features (B, C, H, W) with GROWTH new channels behind them."""
        return torch.cat((features, self.dropout(self.conv(self.relu(self.norm(features))))), 1)


class Transition(nn.Module):
    """Mixes all features and halves the maps."""

    def __init__(self, channels: int, *, dropout: float) -> None:
        super().__init__()
        self.norm, self.relu = nn.BatchNorm2d(channels), nn.ReLU()
        self.conv = nn.Conv2d(channels, channels, 1, bias=False)
        nn.init.kaiming_normal_(self.conv.weight, nonlinearity="relu")
        self.dropout, self.pool = nn.Dropout(dropout), nn.AvgPool2d(2)

    def forward(self, features: Tensor) -> Tensor:
        """Returns (B, C, H // 2, W // 2)."""
        pooled: Tensor = self.pool(self.dropout(self.conv(self.relu(self.norm(features)))))
        return pooled


def dense_network(
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
        ValueError: if the depth is neither 5 nor 3n+4, or the images are too small to be halved twice.
    """
    if depth != 5 and (depth < 7 or depth % 3 != 1):
        raise ValueError(f"model must have 5 or 3n+4 layers, such as densenet-40, got {depth=}")
    if depth > 5 and min(image_size) < 4:
        raise ValueError(f"image_size must be at least 4x4 for densenet-{depth}, got {image_size=}")
    blocks = (1,) if depth == 5 else ((depth - 4) // 3,) * 3
    width = GROWTH if depth == 5 else STEM_WIDTH
    layers: OrderedDict[str, nn.Module] = OrderedDict(stem=conv3x3(in_channels, width))
    for block, num_layers in enumerate(blocks):
        if block > 0:
            layers[f"transition{block}"] = Transition(width, dropout=dropout)
        for position in range(num_layers):
            layers[f"block{block + 1}_{position + 1}"] = DenseLayer(width, dropout=dropout)
            width += GROWTH
    layers |= {"norm": nn.BatchNorm2d(width), "relu": nn.ReLU(), "pool": nn.AdaptiveAvgPool2d(1)}
    layers |= {"flatten": nn.Flatten(), "head": nn.Linear(width, num_classes)}
    return nn.Sequential(layers)


def dense_wiring(network: nn.Sequential) -> tuple[PrunableConv, ...]:
    """Returns the wiring of a network that `dense_network` made."""
    consumers: dict[str, list[Consumer]] = {"stem": []}
    stem = network.get_submodule("stem")
    assert isinstance(stem, nn.Conv2d)
    places, width = {"stem": 0}, stem.out_channels
    for name, module in network.named_children():
        if isinstance(module, DenseLayer | Transition):
            _read(consumers, places, f"{name}.norm", f"{name}.conv")
            kept = places if isinstance(module, DenseLayer) else {}
            width = width if isinstance(module, DenseLayer) else 0
            places = {**kept, f"{name}.conv": width}
            width += module.conv.out_channels
            consumers[f"{name}.conv"] = []
    _read(consumers, places, "norm", "head")
    return tuple(
        PrunableConv(conv=name, norm=None, consumers=tuple(each)) for name, each in consumers.items()
    )


def _read(consumers: dict[str, list[Consumer]], places: dict[str, int], *readers: str) -> None:
    for conv, offset in places.items():
        consumers[conv] += [Consumer(name=reader, offset=offset) for reader in readers]
