"""The classifiers of chapter 4 and the one that installed packages carry, by name."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from torch import Tensor
from torchvision import models
from torchvision.models._api import WeightsEnum

from thesis_workloads.classifiers.architectures import (
    Parts,
    inception3_parts,
    lite_parts,
    lite_weights,
    resnet50_parts,
    vgg19_parts,
)
from thesis_workloads.classifiers.classifier import Classifier
from thesis_workloads.training.saved_file import read_state

_IMAGENET_MEAN = (0.485, 0.456, 0.406)
_IMAGENET_DEVIATION = (0.229, 0.224, 0.225)


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """How to make one classifier."""

    parts: Callable[[dict[str, Tensor]], Parts]  # cuts the network that a state belongs to
    input_size: int  # pixels, both sides
    mean: tuple[float, float, float]
    deviation: tuple[float, float, float]
    shipped: Callable[[], Path] | None = None  # finds the weights in an installed package
    published: WeightsEnum | None = None  # torchvision's own, to be downloaded


def _lite(number: int, *, input_size: int) -> Recipe:
    return Recipe(
        parts=partial(lite_parts, number),
        input_size=input_size,
        mean=(0.498, 0.498, 0.498),
        deviation=(0.502, 0.502, 0.502),
        shipped=partial(lite_weights, number),
    )


CATALOG: dict[str, Recipe] = {
    "efficientnet-lite0": _lite(0, input_size=224),
    "efficientnet-lite1": _lite(1, input_size=240),
    "efficientnet-lite2": _lite(2, input_size=260),
    "resnet-50": Recipe(
        parts=resnet50_parts,
        input_size=224,
        mean=_IMAGENET_MEAN,
        deviation=_IMAGENET_DEVIATION,
        published=models.ResNet50_Weights.IMAGENET1K_V1,
    ),
    "vgg-19": Recipe(
        parts=vgg19_parts,
        input_size=224,
        mean=_IMAGENET_MEAN,
        deviation=_IMAGENET_DEVIATION,
        published=models.VGG19_Weights.IMAGENET1K_V1,
    ),
    "inception-v3": Recipe(
        parts=inception3_parts,
        input_size=299,
        mean=(
            0.5,
            0.5,
            0.5,
        ),  # what its weights were trained with; torchvision undoes ImageNet's to get there
        deviation=(0.5, 0.5, 0.5),
        published=models.Inception_V3_Weights.IMAGENET1K_V1,
    ),
}


def imagenet_class_names() -> tuple[str, ...]:
    """Returns the 1,000 class names of ImageNet in the order of the labels, from torchvision's metadata."""
    return tuple(models.ResNet50_Weights.IMAGENET1K_V1.meta["categories"])


def load_classifier(name: str, *, weights: Path | None = None, download: bool = False) -> Classifier:
    """Returns a classifier of the catalog with pretrained weights, frozen and in evaluation mode.

    Args:
        name: a key of `CATALOG`.
        weights: file with the network's state as torchvision publishes it; None takes the shipped weights.
        download: let torchvision fetch its published weights where none are shipped or given.

    Raises:
        ValueError: if the name is not in the catalog, or the weights are of another network or damaged.
        FileNotFoundError: if there are no weights and nobody allowed a download.
    """
    if name not in CATALOG:
        raise ValueError(f"name must be one of {sorted(CATALOG)}, got {name=}")
    recipe = CATALOG[name]
    state = _state(name, recipe, weights, download)
    try:
        trunk, tail = recipe.parts(state)
    except ValueError as error:
        raise ValueError(f"{weights or name}: {error}") from error
    return Classifier(
        trunk,
        tail,
        name=name,
        input_size=recipe.input_size,
        class_names=imagenet_class_names(),
        mean=recipe.mean,
        deviation=recipe.deviation,
    )


def _state(name: str, recipe: Recipe, weights: Path | None, download: bool) -> dict[str, Tensor]:
    if weights is not None:
        return read_state(weights)
    if recipe.shipped is not None:
        return read_state(recipe.shipped())
    if download and recipe.published is not None:
        return dict(recipe.published.get_state_dict(progress=False, check_hash=True))
    raise FileNotFoundError(
        f"{name} ships no weights: name torchvision's file for it as weights (--weights FILE, or --set"
        f" weights=FILE), or use {', '.join(key for key, each in CATALOG.items() if each.shipped)}"
    )
