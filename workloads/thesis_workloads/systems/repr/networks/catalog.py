"""Networks by name, and the plain networks C^n(X) of section 5.4; the other families have files of their own.

C^n(X) is Img -> [conv 3x3 (X filters) -> (batch norm) -> ReLU -> (dropout)]^n -> fully connected -> logits.

What the dissertation leaves open, and what is done here:
- Kernels are 3x3 with bias: with batch norm's scale and shift this is what meets every plain parameter
  count of table 5.5 (19,584 for C^3(32) on colour images). The published code's 5x5 kernels don't.
- Stride 1, padding 1 and no pooling: the formula names none, the eighteen layers of table 5.5 on
  32x32 images leave no room for a pooling per layer (the published code pools after each of its
  three: `pooled_networks`), and the inference times there grow by the same amount for each layer. The fully connected
  layer reads the flattened maps, X * H * W features; table 5.5 doesn't count it.
- Weights start from a zero-mean normal of variance 2 / fan-in (He et al. 2015), biases from zero: with
  PyTorch's default, eighteen layers without batch norm pass hardly any signal.
"""

import difflib
import re
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import nn

from thesis_workloads.systems.repr.networks.dense import dense_network, dense_wiring
from thesis_workloads.systems.repr.networks.flatten import FlattenMaps
from thesis_workloads.systems.repr.networks.imagenet import (
    googlenet,
    googlenet_wiring,
    large_residual_network,
    large_residual_wiring,
    vgg_network,
    vgg_wiring,
)
from thesis_workloads.systems.repr.networks.pooled import pooled_network, released_network
from thesis_workloads.systems.repr.networks.residual import residual_network, residual_wiring
from thesis_workloads.systems.repr.pruning.wiring import PrunableConv, chain
from thesis_workloads.training.seeding import seeded


@dataclass(frozen=True, kw_only=True)
class Family:
    """Networks whose names share a pattern."""

    pattern: re.Pattern[str]
    examples: tuple[str, ...]
    build: Callable[..., nn.Module]  # numbers of the name, then keyword arguments
    wiring: Callable[..., tuple[PrunableConv, ...]]


def plain_network(
    depth: int,
    width: int,
    *,
    in_channels: int,
    image_size: tuple[int, int],
    num_classes: int,
    batch_norm: bool,
    dropout: float,
) -> nn.Sequential:
    """Returns C^depth(width) for images (B, in_channels, *image_size), with logits (B, num_classes)."""
    blocks = [(f"conv{i + 1}", i) for i in range(depth)]
    layers: OrderedDict[str, nn.Module] = OrderedDict(
        (name, _block(in_channels if i == 0 else width, width, batch_norm=batch_norm, dropout=dropout))
        for name, i in blocks
    )
    layers["flatten"] = FlattenMaps()
    layers["head"] = nn.Linear(width * image_size[0] * image_size[1], num_classes)
    return nn.Sequential(layers)


def _block(in_channels: int, out_channels: int, *, batch_norm: bool, dropout: float) -> nn.Sequential:
    conv = nn.Conv2d(in_channels, out_channels, kernel_size=3, padding=1)
    nn.init.kaiming_normal_(conv.weight, nonlinearity="relu")
    assert conv.bias is not None
    nn.init.zeros_(conv.bias)
    layers: OrderedDict[str, nn.Module] = OrderedDict(conv=conv)
    if batch_norm:
        layers["norm"] = nn.BatchNorm2d(out_channels)
    layers["relu"] = nn.ReLU()
    if dropout > 0:
        layers["dropout"] = nn.Dropout(dropout)
    return nn.Sequential(layers)


FAMILIES: dict[str, Family] = {
    "plain": Family(
        pattern=re.compile(r"c([1-9]\d*)-([1-9]\d*)"),
        examples=("c1-32", "c2-32", "c3-32", "c8-32", "c13-32", "c18-32", "c3-16", "c3-64"),
        build=plain_network,
        wiring=chain,
    ),
    "pooled": Family(
        pattern=re.compile(r"c([1-9]\d*)-([1-9]\d*)-pool"),
        examples=("c3-32-pool",),
        build=pooled_network,
        wiring=chain,
    ),
    "released": Family(
        pattern=re.compile(r"c([1-9]\d*)-([1-9]\d*)-released"),
        examples=("c3-32-released",),
        build=released_network,
        wiring=chain,
    ),
    # Before the next family: 50 and 152 are of the form 6n+2 too.
    "large residual": Family(
        pattern=re.compile(r"resnet-(18|34|50|101|152)"),
        examples=("resnet-18", "resnet-34", "resnet-50", "resnet-101", "resnet-152"),
        build=large_residual_network,
        wiring=large_residual_wiring,
    ),
    "residual": Family(
        pattern=re.compile(r"resnet-([1-9]\d*)"),
        examples=("resnet-20", "resnet-32", "resnet-110", "resnet-182"),
        build=residual_network,
        wiring=residual_wiring,
    ),
    "dense": Family(
        pattern=re.compile(r"densenet-([1-9]\d*)"),
        examples=("densenet-5", "densenet-40", "densenet-100"),
        build=dense_network,
        wiring=dense_wiring,
    ),
    "vgg": Family(
        pattern=re.compile(r"vgg-(16)"), examples=("vgg-16",), build=vgg_network, wiring=vgg_wiring
    ),
    "inception": Family(
        pattern=re.compile(r"googlenet"), examples=("googlenet",), build=googlenet, wiring=googlenet_wiring
    ),
}


def build_network(
    name: str,
    *,
    in_channels: int,
    image_size: tuple[int, int],
    num_classes: int,
    batch_norm: bool,
    dropout: float,
    seed: int,
) -> nn.Module:
    """Returns the named network with weights drawn from the seed, float32 on the CPU.

    Raises:
        ValueError: if no family has such a name; the nearest valid one is named.
    """
    family, numbers = _find(name)
    with seeded("weights", seed):
        return family.build(
            *numbers,
            in_channels=in_channels,
            image_size=image_size,
            num_classes=num_classes,
            batch_norm=batch_norm,
            dropout=dropout,
        )


def same_layout(network: nn.Module) -> nn.Module:
    """Returns the network with channels-last weights: odd widths run up to 1.5 times faster on a CPU."""
    return network.to(memory_format=torch.channels_last)  # type: ignore[call-overload, no-any-return]


def prunable_convs(name: str, network: nn.Module) -> tuple[PrunableConv, ...]:
    """Returns the wiring of a network that `build_network` made under this name."""
    return _find(name)[0].wiring(network)


def _find(name: str) -> tuple[Family, list[int]]:
    for family in FAMILIES.values():
        if match := family.pattern.fullmatch(name):
            return family, [int(number) for number in match.groups()]
    raise ValueError(f"model must name a network such as {nearest_network(name)}, got model={name!r}")


def nearest_network(name: str) -> str:
    """Returns the valid name that looks most like this one."""
    numbers = re.findall(r"[1-9]\d*", name)
    examples = [example for family in FAMILIES.values() for example in family.examples]
    if name[:1].lower() == "c" and len(numbers) == 2:
        examples.append(f"c{numbers[0]}-{numbers[1]}")
    return difflib.get_close_matches(name.lower(), examples, n=1, cutoff=0.0)[0]
