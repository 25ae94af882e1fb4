"""MS-ROI: the maps of the classes that are there, added up.

Prakash et al., "Semantic Perceptual Image Compression Using Deep Convolution Networks", DCC 2017; equation 2.5.

Choices where the dissertation is silent. The rank's weight in the sum of the k strongest is (k + 1 - rank) / k.
Where no class passes the threshold the strongest one is taken alone, or nothing would be of interest.
"""

import math

import torch
from torch import Tensor

from thesis_workloads.saliency.class_activity import ClassActivity

TOP, ABOVE = "top-", "above-"


def regions_of_interest(activity: ClassActivity, *, top_k: int = 5, threshold: float | None = None) -> Tensor:
    """Returns the unscaled map ``(B, h, w)``, at least 0.

    Args:
        activity: of a batch.
        top_k: the classes with the largest totals, weighted by rank; used where there is no threshold.
        threshold: T; every class whose total is larger counts, all with weight one (equation 2.5).

    Raises:
        ValueError: if ``top_k`` is below 1.
    """
    if threshold is not None:
        return _above(activity, threshold)
    if top_k < 1:
        raise ValueError(f"top_k must be 1 or more, got {top_k=}")
    count = min(top_k, activity.totals.shape[1])
    strongest = activity.totals.topk(count, dim=1).indices
    weights = torch.arange(count, 0, -1, device=strongest.device, dtype=activity.maps.dtype) / count
    chosen = activity.maps.gather(1, strongest[:, :, None, None].expand(-1, -1, *activity.maps.shape[2:]))
    return (chosen * weights[:, None, None]).sum(1)


def chosen_classes(words: str) -> tuple[int, float | None]:
    """Returns ``top_k`` and ``threshold`` of `regions_of_interest` for ``top-5`` or ``above-2.5``.

    Raises:
        ValueError: if it is neither.
    """
    try:
        if words.startswith(TOP) and (count := int(words.removeprefix(TOP))) > 0:
            return count, None
        if words.startswith(ABOVE) and math.isfinite(least := float(words.removeprefix(ABOVE))):
            return 1, least
    except ValueError:
        pass
    raise ValueError(
        f"classes must be top-K (the K strongest) or above-T (all with a total above T), got classes={words!r}"
    )


def scaled_to_one(maps: Tensor, *, out: Tensor | None = None) -> Tensor:
    """Returns maps ``(B, h, w)``, at least 0, each divided by its maximum; a map of zeros stays as it is."""
    peaks = maps.amax((1, 2), keepdim=True).clamp(min=torch.finfo(maps.dtype).tiny)
    return torch.div(maps, peaks, out=out)


def _above(activity: ClassActivity, threshold: float) -> Tensor:
    is_there = activity.totals > threshold
    strongest = torch.zeros_like(is_there).scatter_(1, activity.totals.argmax(1, keepdim=True), True)
    counted = torch.where(is_there.any(1, keepdim=True), is_there, strongest)
    return torch.einsum("bc,bchw->bhw", counted.to(activity.maps.dtype), activity.maps)
