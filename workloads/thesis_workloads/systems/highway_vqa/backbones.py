"""Networks that turn images into feature vectors: the layer before the softmax, or its maps by cell.

Section 6.1.3 takes the last layer before the softmax of a network trained on ImageNet. ``grid`` above 1 keeps
where things are: the last maps are averaged over grid x grid cells instead of over the whole image.
"""

import hashlib
from collections.abc import Callable
from pathlib import Path

import torch
import torchvision
from torch import Tensor, nn

from thesis_workloads.classifiers.catalog import load_classifier
from thesis_workloads.training.saved_file import load_state, read_state
from thesis_workloads.training.seeding import seeded

_IMAGENET = ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
RANDOM = "random"  # in the place of weights: none, drawn from a seed


class Backbone(nn.Module):
    """Maps images in [0, 1] to feature vectors; frozen, in evaluation mode."""

    _mean: Tensor
    _deviation: Tensor

    def __init__(
        self,
        vectors: nn.Module,
        *,
        identity: str,
        mean: tuple[float, ...] = (0.0, 0.0, 0.0),
        deviation: tuple[float, ...] = (1.0, 1.0, 1.0),
    ) -> None:
        super().__init__()
        self.vectors, self.identity = vectors, identity
        self.register_buffer("_mean", torch.tensor(mean).view(-1, 1, 1))
        self.register_buffer("_deviation", torch.tensor(deviation).view(-1, 1, 1))
        self.eval().requires_grad_(False)
        self.to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    @torch.inference_mode()
    def forward(self, images: Tensor) -> Tensor:
        """Returns features (B, D) of images (B, 3, H, W)."""
        standard = (images - self._mean) / self._deviation
        found: Tensor = self.vectors(standard.contiguous(memory_format=torch.channels_last))
        return found.flatten(1)


class MapsByCell(nn.Module):
    """Averages the maps that a trunk puts out over grid x grid cells."""

    def __init__(self, trunk: Callable[[Tensor], Tensor], grid: int) -> None:
        super().__init__()
        self.trunk = trunk
        self.pool = nn.AdaptiveAvgPool2d(grid)

    def forward(self, images: Tensor) -> Tensor:
        """Returns (B, D * grid * grid)."""
        pooled: Tensor = self.pool(self.trunk(images))
        return pooled.flatten(1)


def load_backbone(name: str, *, weights: str, seed: int, grid: int) -> Backbone:
    """Returns a backbone.

    Args:
        name: ``efficientnet-lite0``, whose weights a package ships, or any of torchvision's classifiers.
        weights: file of its state as torchvision publishes it, ``random``, or empty for shipped ones.
        seed: of random weights.
        grid: cells a side.

    Raises:
        ValueError: if there is no such network, it has no weights, or its state is another's.
    """
    if name == "efficientnet-lite0" and weights != RANDOM:
        return _lite0(weights, grid)
    if name not in torchvision.models.list_models(module=torchvision.models):
        raise ValueError(f"backbone must be efficientnet-lite0 or one of torchvision's, got backbone={name}")
    if not weights:
        raise ValueError(
            f"backbone_weights must name a file of {name}'s weights (none are shipped), or be random, got empty"
        )
    with seeded("backbone", seed):
        network = _classifier(name)
    if weights == RANDOM:
        identity = f"{name}, random weights {seed}"
    else:
        path = Path(weights)
        if not path.is_file():
            raise ValueError(f"backbone_weights must be a file, got {weights}")
        _load(network, path, name)
        identity = f"{name}, weights {_digest(path)}"
    vectors = _before_the_softmax(network) if grid == 1 else MapsByCell(_maps(network, name), grid)
    return Backbone(vectors, identity=f"{identity}, grid {grid}", mean=_IMAGENET[0], deviation=_IMAGENET[1])


def _lite0(weights: str, grid: int) -> Backbone:
    try:
        classifier = load_classifier("efficientnet-lite0", weights=Path(weights) if weights else None)
    except (FileNotFoundError, ModuleNotFoundError) as error:
        raise ValueError(f"backbone efficientnet-lite0 is not here: {error}") from error
    identity = "efficientnet-lite0" + (f", weights {_digest(Path(weights))}" if weights else "")
    return Backbone(MapsByCell(classifier.features, grid), identity=f"{identity}, grid {grid}")


def _classifier(name: str) -> nn.Module:
    auxiliary = {"aux_logits": False, "init_weights": True} if name in ("googlenet", "inception_v3") else {}
    network: nn.Module = torchvision.models.get_model(name, weights=None, **auxiliary)
    return network


def _load(network: nn.Module, path: Path, name: str) -> None:
    state = {
        key: value for key, value in read_state(path).items() if not key.startswith(("aux", "AuxLogits"))
    }
    try:
        load_state(network, state, name=name)
    except ValueError as error:
        raise ValueError(f"backbone_weights must be a state of {name}, got {path}: {error}") from error


def _before_the_softmax(network: nn.Module) -> nn.Module:
    """Returns the network with its last linear layer replaced by nothing."""
    name = [name for name, module in network.named_modules() if isinstance(module, nn.Linear)][-1]
    parent = network.get_submodule(name.rpartition(".")[0])
    setattr(parent, name.rpartition(".")[2], nn.Identity())
    return network


def _maps(network: nn.Module, name: str) -> Callable[[Tensor], Tensor]:
    """Returns a function that gives what the network's last average pooling reads."""
    pools = [module for module in network.modules() if isinstance(module, nn.AdaptiveAvgPool2d)]
    if not pools:
        raise ValueError(f"grid must be 1 for {name}, whose maps are pooled inside a function")

    def maps(images: Tensor) -> Tensor:
        seen: list[Tensor] = []
        handle = pools[-1].register_forward_pre_hook(lambda module, inputs: seen.append(inputs[0]))
        try:
            network(images)
        finally:
            handle.remove()
        return seen[-1]

    network.eval()
    return maps


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:16]
