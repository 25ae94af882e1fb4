"""torchvision's networks for large images (table 5.6) and who reads what in them.

- ResNet-18 to 152 (He et al. 2016): inner convolutions of a block lose filters; stem, last convolutions and
  projections of shortcuts are summed, so their pruned filters are silenced.
- VGG-16 (Simonyan and Zisserman 2014), with or without batch normalisation: every filter can go.
- GoogLeNet (Szegedy et al. 2015): every filter can go; branches are concatenated. Without batch normalisation
  it stands for Inception v1, with it for Inception v2 (Ioffe and Szegedy 2015). As in torchvision, its
  5x5 branch is 3x3; the auxiliary classifiers are left out, in training as well. Without batch
  normalisation the weights start from He's normal: torchvision's narrow start passes no signal.
"""

from functools import partial

import torch.nn.functional as F
import torchvision.models as models
from torch import Tensor, nn
from torchvision.models.googlenet import GoogLeNet, Inception, InceptionAux
from torchvision.models.resnet import BasicBlock, Bottleneck

from thesis_workloads.systems.repr.networks.residual import refuse_dropout, silenced
from thesis_workloads.systems.repr.pruning.wiring import Consumer, PrunableConv

RESNETS = {
    18: models.resnet18,
    34: models.resnet34,
    50: models.resnet50,
    101: models.resnet101,
    152: models.resnet152,
}
SMALLEST_IMAGES = {"vgg-16": 32, "googlenet": 15}  # pixels; a smaller one is halved away
BRANCH_ENDS = ("branch1", "branch2.1", "branch3.1", "branch4.1")  # in the order of their concatenation
BRANCH_STARTS = ("branch1", "branch2.0", "branch3.0", "branch4.1")


class PlainConv2d(nn.Module):
    """A convolution with bias and a ReLU, in the place of torchvision's with batch normalisation."""

    def __init__(
        self, in_channels: int, out_channels: int, *, kernel_size: int, stride: int = 1, padding: int = 0
    ) -> None:
        super().__init__()
        self.conv = nn.Conv2d(in_channels, out_channels, kernel_size, stride=stride, padding=padding)
        nn.init.kaiming_normal_(self.conv.weight, nonlinearity="relu")
        assert self.conv.bias is not None
        nn.init.zeros_(self.conv.bias)

    def forward(self, features: Tensor) -> Tensor:
        """Returns the rectified outputs."""
        return F.relu(self.conv(features))


def large_residual_network(
    depth: int,
    *,
    in_channels: int,
    image_size: tuple[int, int],
    num_classes: int,
    batch_norm: bool,
    dropout: float,
) -> nn.Module:
    """Returns torchvision's ResNet; it always has batch normalisation.

    Raises:
        ValueError: if dropout is asked for.
    """
    refuse_dropout(dropout)
    network = RESNETS[depth](num_classes=num_classes)
    return adapted(network, "conv1", in_channels=in_channels)


def large_residual_wiring(network: nn.Module) -> tuple[PrunableConv, ...]:
    """Returns the wiring of a torchvision ResNet with blocks of either kind."""
    return residual_block_wiring(network, stem=("conv1", "bn1"))


def residual_block_wiring(network: nn.Module, *, stem: tuple[str, str]) -> tuple[PrunableConv, ...]:
    """Returns the wiring of a stem (convolution, batch norm) and of every block in the network, in order."""
    blocks = [
        (name, block) for name, block in network.named_modules() if isinstance(block, BasicBlock | Bottleneck)
    ]
    convs = [silenced(*stem, readers=_readers_of_sum(network, blocks, 0))]
    for place, (name, block) in enumerate(blocks):
        last = 2 if isinstance(block, BasicBlock) else 3
        for number in range(1, last):
            consumer = Consumer(name=f"{name}.conv{number + 1}")
            convs.append(_entry(f"{name}.conv{number}", f"{name}.bn{number}", (consumer,)))
        readers = _readers_of_sum(network, blocks, place + 1)
        convs.append(silenced(f"{name}.conv{last}", f"{name}.bn{last}", readers=readers))
        if block.downsample is not None:
            convs.append(silenced(f"{name}.downsample.0", f"{name}.downsample.1", readers=readers))
    return tuple(convs)


def _readers_of_sum(
    network: nn.Module, blocks: list[tuple[str, BasicBlock | Bottleneck]], place: int
) -> tuple[str, ...]:
    """Returns who reads the sum before a block: the blocks up to the next projection, or the classifier.

    A detector's other readers (its pyramid) are not among them.
    """
    readers = []
    for name, block in blocks[place:]:
        readers.append(f"{name}.conv1")
        if block.downsample is not None:
            return (*readers, f"{name}.downsample.0")
    return (*readers, "fc") if isinstance(getattr(network, "fc", None), nn.Linear) else tuple(readers)


def vgg_network(
    depth: int,
    *,
    in_channels: int,
    image_size: tuple[int, int],
    num_classes: int,
    batch_norm: bool,
    dropout: float,
) -> nn.Module:
    """Returns torchvision's VGG-16, its dropout in the classifier.

    Raises:
        ValueError: if the images are too small.
    """
    _check_size("vgg-16", image_size)
    make = models.vgg16_bn if batch_norm else models.vgg16
    return adapted(make(num_classes=num_classes, dropout=dropout), "features.0", in_channels=in_channels)


def vgg_wiring(network: nn.Module) -> tuple[PrunableConv, ...]:
    """Returns the wiring of a torchvision VGG of any depth."""
    layers = list(network.get_submodule("features").named_children())
    places = [place for place, (_, layer) in enumerate(layers) if isinstance(layer, nn.Conv2d)]
    head, last = network.get_submodule("classifier.0"), layers[places[-1]][1]
    assert isinstance(head, nn.Linear)
    assert isinstance(last, nn.Conv2d)
    area = head.in_features // last.out_channels
    readers = [Consumer(name=f"features.{layers[place][0]}") for place in places[1:]]
    readers.append(Consumer(name="classifier.0", features_per_channel=area))
    convs = []
    for place, reader in zip(places, readers, strict=True):
        name, follower = layers[place + 1]
        norm = f"features.{name}" if isinstance(follower, nn.BatchNorm2d) else None
        convs.append(_entry(f"features.{layers[place][0]}", norm, (reader,)))
    return tuple(convs)


def googlenet(
    *,
    in_channels: int,
    image_size: tuple[int, int],
    num_classes: int,
    batch_norm: bool,
    dropout: float,
) -> nn.Module:
    """Returns torchvision's GoogLeNet without auxiliary classifiers, dropout before the last layer.

    Raises:
        ValueError: if the images are too small.
    """
    _check_size("googlenet", image_size)
    plain = [PlainConv2d, partial(Inception, conv_block=PlainConv2d), InceptionAux]
    network = GoogLeNet(
        num_classes=num_classes,
        aux_logits=False,
        init_weights=batch_norm,
        dropout=dropout,
        blocks=None if batch_norm else plain,
    )
    return adapted(network, "conv1.conv", in_channels=in_channels)


def googlenet_wiring(network: nn.Module) -> tuple[PrunableConv, ...]:
    """Returns the wiring of a GoogLeNet, or of a part of it: its stem and inception modules in order."""
    modules = [
        (name, module)
        for name, module in network.named_children()
        if _is_inception(module) or _is_conv(module)
    ]
    convs: list[PrunableConv] = []
    for (name, module), (follower, reader) in zip(
        modules, [*modules[1:], ("fc", network.get_submodule("fc"))], strict=True
    ):
        convs += _inner_convs(name, module)
        offset = 0
        for end in _ends(name, module):
            consumers = tuple(Consumer(name=start, offset=offset) for start in _starts(follower, reader))
            convs.append(_conv_entry(network, end, consumers))
            conv = network.get_submodule(f"{end}.conv")
            assert isinstance(conv, nn.Conv2d)
            offset += conv.out_channels
    return tuple(convs)


def _is_inception(module: nn.Module) -> bool:
    return hasattr(module, "branch1")


def _is_conv(module: nn.Module) -> bool:
    return hasattr(module, "conv")


def _ends(name: str, module: nn.Module) -> list[str]:
    return [f"{name}.{end}" for end in BRANCH_ENDS] if _is_inception(module) else [name]


def _starts(name: str, module: nn.Module) -> list[str]:
    if _is_inception(module):
        return [f"{name}.{start}.conv" for start in BRANCH_STARTS]
    return [f"{name}.conv"] if _is_conv(module) else [name]


def _inner_convs(name: str, module: nn.Module) -> list[PrunableConv]:
    if not _is_inception(module):
        return []
    return [
        _conv_entry(module, f"{branch}.0", (Consumer(name=f"{name}.{branch}.1.conv"),), prefix=f"{name}.")
        for branch in ("branch2", "branch3")
    ]


def _conv_entry(
    network: nn.Module, block: str, consumers: tuple[Consumer, ...], *, prefix: str = ""
) -> PrunableConv:
    norm = f"{prefix}{block}.bn" if hasattr(network.get_submodule(block), "bn") else None
    return _entry(f"{prefix}{block}.conv", norm, consumers)


def _entry(conv: str, norm: str | None, consumers: tuple[Consumer, ...]) -> PrunableConv:
    return PrunableConv(conv=conv, norm=norm, consumers=consumers)


def _check_size(name: str, image_size: tuple[int, int]) -> None:
    smallest = SMALLEST_IMAGES[name]
    if min(image_size) < smallest:
        raise ValueError(f"image_size must be at least {smallest}x{smallest} for {name}, got {image_size=}")


def adapted(network: nn.Module, first: str, *, in_channels: int) -> nn.Module:
    """Gives the network a first convolution for other than three channels, and ReLUs that keep their inputs."""
    conv = network.get_submodule(first)
    assert isinstance(conv, nn.Conv2d)
    if in_channels != conv.in_channels:
        new = nn.Conv2d(
            in_channels,
            conv.out_channels,
            conv.kernel_size,  # type: ignore[arg-type]
            stride=conv.stride,  # type: ignore[arg-type]
            padding=conv.padding,  # type: ignore[arg-type]
            bias=conv.bias is not None,
        )
        nn.init.kaiming_normal_(new.weight, nonlinearity="relu")
        if new.bias is not None:
            nn.init.zeros_(new.bias)
        path, _, attribute = first.rpartition(".")
        setattr(network.get_submodule(path), attribute, new)
    for module in network.modules():
        if isinstance(module, nn.ReLU):
            module.inplace = False
    return network
