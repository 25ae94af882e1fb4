"""An image by reference: the path of a file, or ``scene:SEED`` for a generated scene."""

from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from thesis_workloads.datasets.vqa.scenes import scene_image
from thesis_workloads.imaging.still_image import read_upright

SCENE = "scene:"


def open_reference(reference: str) -> Image.Image:
    """Returns the image, upright and in RGB.

    Raises:
        OSError, ValueError: if it can't be read.
    """
    if reference.startswith(SCENE):
        return scene_image(int(reference.removeprefix(SCENE)))
    return read_upright(Path(reference))[0]


def read_square(reference: str, *, size: int) -> Tensor:
    """Returns the whole image scaled to a square (3, size, size) float32 in [0, 1].

    A question may be about any part of the image, so nothing is cut off.

    Raises:
        OSError, ValueError: as `open_reference`.
    """
    return to_tensor(open_reference(reference), size=size)


def to_tensor(image: Image.Image, *, size: int) -> Tensor:
    """Returns an image (RGB) scaled to a square (3, size, size) float32 in [0, 1]."""
    scaled = image.resize((size, size), Image.Resampling.BICUBIC)
    return torch.from_numpy(np.array(scaled)).permute(2, 0, 1).float() / 255
