"""RGB to YCbCr and back, by ITU-R BT.601 at studio levels, as scikit-image has it.

For RGB in [0, 1], Y lies in [16, 235] and Cb and Cr in [16, 240].
"""

import torch
from torch import Tensor

_FROM_RGB = ((65.481, 128.553, 24.966), (-37.797, -74.203, 112.0), (112.0, -93.786, -18.214))
_TO_RGB = (  # the inverse matrix, to float64's last digit
    (0.004566210045662101, 1.1808799897749284e-09, 0.006258928969943937),
    (0.004566210045662101, -0.0015363236860449021, -0.003188110949655707),
    (0.004566210045662101, 0.007910716233554741, 1.1977497040511743e-08),
)
_OFFSET = (16.0, 128.0, 128.0)


def rgb_to_differences(images: Tensor) -> Tensor:
    """Returns YCbCr less its constants (16, 128, 128), from RGB ``(B, 3, H, W)`` in [0, 1].

    Raises:
        ValueError: if there are not three channels.
    """
    return _apply(_matrix(images), images)


def differences_to_rgb(images: Tensor) -> Tensor:
    """Returns RGB ``(B, 3, H, W)`` from YCbCr less its constants; not clipped to [0, 1].

    Raises:
        ValueError: if there are not three channels.
    """
    inverse = torch.tensor(_TO_RGB, dtype=images.dtype, device=images.device)
    return _apply(inverse, images)


def noise_gains(images: Tensor) -> Tensor:
    """Returns ``(3,)``: the factors by which independent noise in R, G and B grows in Y, Cb and Cr."""
    return _matrix(images).square().sum(1).sqrt()


def _matrix(images: Tensor) -> Tensor:
    return torch.tensor(_FROM_RGB, dtype=images.dtype, device=images.device)


def _offset(images: Tensor) -> Tensor:
    return torch.tensor(_OFFSET, dtype=images.dtype, device=images.device).view(3, 1, 1)


def _apply(matrix: Tensor, images: Tensor) -> Tensor:
    if images.ndim != 4 or images.shape[1] != 3:
        raise ValueError(f"images must have shape (B, 3, H, W), got {images.shape=}")
    return (matrix @ images.flatten(2)).view_as(images)
