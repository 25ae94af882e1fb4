"""Bit depth reduction: Xu, Evans and Qi, "Feature Squeezing", NDSS 2018; table 4.6 (a), (b)."""

from torch import Tensor


def reduce_bit_depth(images: Tensor, *, seeds: Tensor | None = None, bits: int = 5) -> Tensor:
    """Returns images ``(B, C, H, W)`` in [0, 1] rounded to 2**bits even steps; ``seeds`` are not used.

    Raises:
        ValueError: if ``bits`` is below 1.
    """
    if bits < 1:
        raise ValueError(f"bits must be 1 or more, got {bits=}")
    steps = 2**bits - 1
    rounded: Tensor = (images * steps).round() / steps
    return rounded
