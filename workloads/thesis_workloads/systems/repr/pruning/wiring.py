"""Which convolutions can lose filters, and who reads what their filters put out."""

from dataclasses import dataclass

from torch import Tensor, nn


@dataclass(frozen=True, kw_only=True)
class Consumer:
    """A module that reads the outputs of a convolution.

    A convolution or linear layer loses input columns. A batch normalisation (of concatenated features,
    as in DenseNet) loses channels, and each of its readers is a consumer of its own.
    """

    name: str  # module name inside the network
    offset: int = 0  # its first input feature that comes from this convolution
    features_per_channel: int = 1  # height x width for a linear layer behind a flattening


@dataclass(frozen=True, kw_only=True)
class PrunableConv:
    """A convolution whose filters are ranked, in the order of the forward pass."""

    conv: str  # module name inside the network
    norm: str | None  # batch normalisation of its outputs alone
    consumers: tuple[Consumer, ...]
    readers_of_sum: tuple[
        str, ...
    ] = ()  # modules that read a sum with its outputs, under the same channel numbers
    removable: bool = True  # False where a sum needs all channels: its filters are silenced, not removed


def filters(network: nn.Module, conv: PrunableConv) -> Tensor:
    """Returns the weight (J, C, kH, kW) of the convolution, the parameter itself."""
    weight = network.get_submodule(conv.conv).weight
    assert isinstance(weight, Tensor)
    return weight


def norms(network: nn.Module, conv: PrunableConv) -> list[tuple[str, int]]:
    """Returns the batch normalisations that hold the convolution's channels, and where they start there."""
    own = [(conv.norm, 0)] if conv.norm else []
    readers = [
        (consumer.name, consumer.offset)
        for consumer in conv.consumers
        if isinstance(network.get_submodule(consumer.name), nn.BatchNorm2d)
    ]
    return own + readers


def chain(network: nn.Sequential) -> tuple[PrunableConv, ...]:
    """Returns the wiring of a chain of blocks that hold ``conv`` and perhaps ``norm``, then ``head``."""
    names = [name for name, block in network.named_children() if hasattr(block, "conv")]
    links = zip(names, [*names[1:], "head"], strict=True)
    return tuple(_link(network, name, follower) for name, follower in links)


def _link(network: nn.Sequential, name: str, follower: str) -> PrunableConv:
    conv = network.get_submodule(f"{name}.conv")
    assert isinstance(conv, nn.Conv2d)
    if follower == "head":
        head = network.get_submodule("head")
        assert isinstance(head, nn.Linear)
        consumer = Consumer(name="head", features_per_channel=head.in_features // conv.out_channels)
    else:
        consumer = Consumer(name=f"{follower}.conv")
    has_norm = hasattr(network.get_submodule(name), "norm")
    return PrunableConv(conv=f"{name}.conv", norm=f"{name}.norm" if has_norm else None, consumers=(consumer,))
