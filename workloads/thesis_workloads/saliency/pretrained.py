"""Maps from a pretrained classifier: what is there before a network of your own has been trained.

A class's map is the positive part of its row of the linear head over the last feature maps (equation 2.2),
its total is its logit. The classifier was trained with a softmax over ImageNet's 1,000 classes, not with a
sigmoid per class: it knows more kinds of objects, and prefers the one that it finds likeliest.

How good the maps are: on the shipped photographs they lie on what one would name. On objects that are pasted
onto photographs (50 composites of stamps, `datasets.composites`), which hold objects of their own, 0.18 of the
mass is inside the masks with an input of 224 pixels and 0.13 with 448; a uniform map has 0.12 there, a Gaussian
about the middle 0.19. They do not tell pasted objects from what else is in an image.
"""

from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor, nn

from thesis_workloads.classifiers.catalog import load_classifier
from thesis_workloads.classifiers.classifier import Classifier
from thesis_workloads.saliency.class_activity import ClassActivity

DEFAULT_CLASSIFIER = "efficientnet-lite0"
_STRIDE = 32  # of every classifier in the catalog that has one linear head
_MAGNIFIED = (
    2  # times the size that the classifier was trained with: 14 x 14 cells tell objects apart, 7 x 7 don't
)


class ClassifierMaps:
    """A classifier of the catalog as a `MapNetwork`."""

    stride = _STRIDE

    def __init__(self, classifier: Classifier, *, input_size: int | None = None) -> None:
        """Takes a classifier with one linear head.

        Raises:
            ValueError: if it has several.
        """
        head = classifier.linear_head
        if head is None:
            raise ValueError(f"classifier must have one linear layer over its maps, got {classifier.name=}")
        self.classifier, self._head = classifier, head
        self.input_size = input_size or _MAGNIFIED * classifier.input_size

    def activity(self, images: Tensor) -> ClassActivity:
        """Returns the activity of the classifier's classes; every cell is one of its last feature maps'."""
        features = self.classifier.features(images)
        maps = torch.einsum("bdhw,cd->bchw", features, self._head.weight).clamp(min=0)
        return ClassActivity(maps=maps, totals=self.classifier.logits(features))

    def perturbable_layers(self) -> Sequence[nn.Module]:
        """Returns the trunk's blocks: the members of its longest list or sequence of modules."""
        groups = [
            module
            for module in self.classifier.trunk.modules()
            if isinstance(module, nn.ModuleList | nn.Sequential)
        ]
        return list(max(groups, key=len)) if groups else [self.classifier.trunk]


def load_map_network(
    name: str = DEFAULT_CLASSIFIER, *, weights: Path | None = None, input_size: int | None = None
) -> ClassifierMaps:
    """Returns maps from a pretrained classifier, by default one whose weights an installed package carries.

    Args:
        name: in thesis_workloads.classifiers.catalog, with one linear head.
        weights: file with the network's state; None takes the shipped one.
        input_size: pixels of the shorter side; None takes twice the size that the classifier was trained with.

    Raises:
        ValueError: if the name is unknown or the classifier has several linear layers.
        FileNotFoundError: if there are no weights.
    """
    return ClassifierMaps(load_classifier(name, weights=weights), input_size=input_size)
