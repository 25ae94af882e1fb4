"""The MS-ROI network: shared lower layers, a group of feature maps per class, a sigmoid per class.

Prakash et al. 2017, sections 2.3 and 2.5: two convolutions with ReLU and a max pooling, five times, then the
class maps. Equation 2.6 has a slip of sign; here P(c) = sigmoid(Z_c).

Choices. Class maps are made by a 3x3 convolution with a leaky ReLU: with a plain one the maps of rare classes
died in the first epoch (AUC 0.5 for ever). What is below zero counts for Z_c, but not for
the map. Z_c is the mean over places (the sum of equation 2.4 over their number, so that it does not grow with
the image) less an offset that is learned per class: it is the threshold T, "determined during the training",
and a class counts where Z_c > 0. The widths double from stage to stage as in VGG.
"""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from thesis_workloads.saliency.class_activity import ClassActivity

_MAX_WIDENING = 8
_LEAK = 0.1
_FIRST_OFFSET = 1.0  # a class starts out as unlikely: sigmoid(-1) is 0.27


class RegionNetwork(nn.Module):
    """A `MapNetwork` trained from image-level labels."""

    def __init__(
        self, *, num_classes: int, stages: int, width: int, maps_per_class: int, input_size: int
    ) -> None:
        """Takes the sizes; ``input_size`` is what the shorter side of an image is scaled to for its map."""
        super().__init__()
        self.input_size, self.stride = input_size, 2**stages
        self.maps_per_class = maps_per_class
        blocks, channels = [], 3
        for stage in range(stages):
            wide = width * min(2**stage, _MAX_WIDENING)
            blocks.append(_stage(channels, wide))
            channels = wide
        self.shared = nn.Sequential(*blocks)
        self.class_maps = nn.Conv2d(channels, num_classes * maps_per_class, 3, padding=1)
        self.offsets = nn.Parameter(torch.full((num_classes,), _FIRST_OFFSET))

    def forward(self, images: Tensor) -> Tensor:
        """Returns Z ``(B, C)``, the logit of each class, of images ``(B, 3, H, W)`` in [0, 1]."""
        return self.activity(images).totals

    def activity(self, images: Tensor) -> ClassActivity:
        """Returns the activity; the sides of the images are multiples of the stride."""
        features = self.shared((images - 0.5) * 4)
        maps = F.leaky_relu(self.class_maps(features), _LEAK).unflatten(1, (-1, self.maps_per_class)).sum(2)
        return ClassActivity(maps=maps.clamp(min=0), totals=maps.mean((2, 3)) - self.offsets)

    def perturbable_layers(self) -> Sequence[nn.Module]:
        """Returns the stages."""
        return list(self.shared)


def _stage(channels: int, width: int) -> nn.Sequential:
    layers = [
        nn.Conv2d(channels, width, 3, padding=1),
        nn.ReLU(inplace=True),
        nn.Conv2d(width, width, 3, padding=1),
        nn.ReLU(inplace=True),
        nn.MaxPool2d(2),
    ]
    for layer in layers:
        if isinstance(layer, nn.Conv2d):
            nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
            assert layer.bias is not None
            nn.init.zeros_(layer.bias)
    return nn.Sequential(*layers)
