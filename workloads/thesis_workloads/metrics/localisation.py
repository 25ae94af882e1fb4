"""How well a map of salience agrees with an exact mask of the objects.

Three measures that need no threshold: the share of the map's mass inside the mask, the overlap of the mask
with as many of the map's highest pixels as it has itself, and whether the very highest pixel lies inside
(the pointing game of Zhang et al., "Top-down Neural Attention by Excitation Backprop", ECCV 2016).
"""

import torch
from torch import Tensor

MEASURES = ("mass_inside", "overlap", "pointing")


def localisation(maps: Tensor, masks: Tensor) -> dict[str, Tensor]:
    """Returns each of `MEASURES` ``(B,)`` in 0..1 of maps ``(B, H, W)``, at least 0, against masks, bool.

    A map of zeros counts as a uniform one. Among equal pixels none is preferred: ties share what they get.
    """
    inside = masks.flatten(1).double()
    values = maps.flatten(1).double()
    mass = values.sum(1)
    shares = torch.where(mass[:, None] > 0, values / mass.clamp(min=1e-300)[:, None], 1 / values.shape[1])
    hits = _hits_of_highest(values, inside, inside.sum(1))
    top = (values == values.amax(1, keepdim=True)).double()
    area = inside.sum(1)
    return {
        "mass_inside": (shares * inside).sum(1),
        "overlap": hits / (2 * area - hits).clamp(min=1e-300),
        "pointing": (top * inside).sum(1) / top.sum(1),
    }


def trivial_maps(height: int, width: int) -> dict[str, Tensor]:
    """Returns maps ``(H, W)`` that know nothing of an image: uniform, and a Gaussian about its middle.

    The Gaussian's deviation is a quarter of each side.
    """
    rows, columns = (torch.linspace(-2, 2, count).square() for count in (height, width))
    return {
        "uniform": torch.ones(height, width),
        "centre": torch.exp(-(rows[:, None] + columns) / 2),
    }


def _hits_of_highest(values: Tensor, inside: Tensor, counts: Tensor) -> Tensor:
    """Returns the expected number of mask pixels ``(B,)`` among each row's ``counts`` highest values."""
    hits = []
    for row, mask, count in zip(values, inside, counts.long().tolist(), strict=True):
        if count == 0:
            hits.append(values.new_zeros(()))
            continue
        least = row.topk(count).values[-1]
        above, tied = row > least, row == least
        left = count - above.sum()
        hits.append(mask[above].sum() + left * mask[tied].mean())
    return torch.stack(hits)
