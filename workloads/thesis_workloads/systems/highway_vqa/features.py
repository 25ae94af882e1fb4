"""Feature vectors of images, in chunks whose composition is fixed, so that any way of working gives the same.

An image that is missing or can't be read gets a reason instead of a vector and never stops the others.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from thesis_workloads.datasets.vqa.image_references import read_square
from thesis_workloads.imaging.image_file import reading_problem
from thesis_workloads.systems.highway_vqa.backbones import Backbone

CHUNK = 8  # images computed together: a CPU is quickest with 4 to 16

Floats = NDArray[np.float32]


@dataclass(frozen=True, kw_only=True)
class ImageFeatures:
    """The features of a set's images."""

    table: Tensor  # (I, D) float32, may be mapped from a file
    row_of: Mapping[str, int]  # name of an image -> its row
    problems: Mapping[str, str]  # name of an image that has no row -> why
    source: str  # what made them


def features_of_chunk(
    backbone: Backbone, references: Sequence[str], *, size: int
) -> tuple[Floats, list[str]]:
    """Returns (N, D) and for each image what is wrong with it, empty where nothing is.

    The vector of an image with a problem is zero. However few images there are, a whole chunk is computed:
    the last digits of a vector depend on how many are.

    Raises:
        ValueError: if there are more than a chunk.
    """
    if len(references) > CHUNK:
        raise ValueError(f"references must be at most {CHUNK}, got {len(references)=}")
    images, problems = torch.zeros(CHUNK, 3, size, size), [""] * len(references)
    for place, reference in enumerate(references):
        try:
            images[place] = read_square(reference, size=size)
        except (OSError, ValueError) as error:
            problems[place] = reading_problem(error)
    vectors = backbone(images)[: len(references)].numpy().copy()
    vectors[[bool(problem) for problem in problems]] = 0
    return vectors, problems


def plain_loop(backbone: Backbone, references: Sequence[str], *, size: int) -> tuple[Floats, list[str]]:
    """Returns the same for any number of images, chunk after chunk in this process."""
    parts = [
        features_of_chunk(backbone, references[start : start + CHUNK], size=size)
        for start in range(0, len(references), CHUNK)
    ]
    vectors = np.concatenate([vectors for vectors, _ in parts]) if parts else np.zeros((0, 0), np.float32)
    return vectors, [problem for _, problems in parts for problem in problems]
