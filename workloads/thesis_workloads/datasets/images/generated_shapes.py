"""Scenes of coloured shapes on uneven grounds, drawn from a seed: a detector's data where none is at hand.

Each scene has one to four shapes of 16 to 44 percent of its side, of random colours, that overlap little; the
ground has a slope of light and noise. About 2 ms a scene of 96x96 pixels. A scene depends on seed and number
alone.
"""

from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray

from thesis_workloads.datasets.images.boxed_scenes import Scene
from thesis_workloads.training.seeding import derived_seed

Grid = NDArray[np.float64]

SHAPES: dict[str, Callable[[Grid, Grid], NDArray[np.bool_]]] = {
    "disc": lambda x, y: x**2 + y**2 <= 1,
    "square": lambda x, y: np.maximum(abs(x), abs(y)) <= 1,
    "triangle": lambda x, y: (y <= 1) & (abs(x) <= (y + 1) / 2),
    "ring": lambda x, y: (x**2 + y**2 <= 1) & (x**2 + y**2 >= 0.35),
    "cross": lambda x, y: (np.minimum(abs(x), abs(y)) <= 0.33) & (np.maximum(abs(x), abs(y)) <= 1),
}
"""Name -> which points are inside, for x and y of -1..1 over the shape's box, y downwards."""

CLASSES = tuple(SHAPES)
VERSION = "1"  # of the drawing: another one draws other scenes from the same seed

_LARGEST_OVERLAP = 0.1  # intersection over the smaller box's area
_TRIES = 20


class ShapeScenes:
    """Scenes of ``size`` x ``size`` pixels."""

    def __init__(self, num_scenes: int, *, size: int, seed: int) -> None:
        self._num_scenes = num_scenes
        self._size = size
        self._seed = seed

    def __len__(self) -> int:
        """Returns the number of scenes."""
        return self._num_scenes

    def __getitem__(self, index: int) -> Scene:
        """Draws one scene.

        Raises:
            IndexError: if there is no such scene.
        """
        if not 0 <= index < self._num_scenes:
            raise IndexError(f"index must be within 0..{self._num_scenes - 1}, got {index=}")
        return draw_scene(
            index, size=self._size, draws=np.random.default_rng(derived_seed("scene", self._seed, index))
        )


def draw_scene(number: int, *, size: int, draws: np.random.Generator) -> Scene:
    """Returns a scene of one to four shapes."""
    image = _ground(size, draws)
    boxes: list[tuple[int, int, int, int]] = []
    labels = []
    for _ in range(draws.integers(1, 5)):
        box = _free_box(boxes, size=size, draws=draws)
        if box is None:
            continue
        label = int(draws.integers(len(CLASSES)))
        _draw(image, CLASSES[label], box, draws)
        boxes.append(box)
        labels.append(label + 1)
    pixels = (np.clip(image + draws.normal(0, 0.03, image.shape), 0, 1) * 255).astype(np.uint8)
    return Scene(
        id=number,
        image=torch.from_numpy(pixels.transpose(2, 0, 1).copy()),
        boxes=torch.tensor(boxes, dtype=torch.float32).reshape(-1, 4),
        labels=torch.tensor(labels, dtype=torch.int64),
        is_crowd=torch.zeros(len(labels), dtype=torch.bool),
    )


def _ground(size: int, draws: np.random.Generator) -> Grid:
    rows, columns = np.mgrid[0:size, 0:size] / size - 0.5
    slope = draws.normal(0, 0.3, 2)
    light = (slope[0] * rows + slope[1] * columns)[..., None]
    ground: Grid = draws.uniform(0.25, 0.75, 3) + light
    return ground


def _free_box(
    boxes: list[tuple[int, int, int, int]], *, size: int, draws: np.random.Generator
) -> tuple[int, int, int, int] | None:
    for _ in range(_TRIES):
        width, height = (int(side) for side in draws.integers(round(0.16 * size), round(0.44 * size) + 1, 2))
        left, top = int(draws.integers(0, size - width + 1)), int(draws.integers(0, size - height + 1))
        box = (left, top, left + width, top + height)
        if all(_overlap(box, other) <= _LARGEST_OVERLAP for other in boxes):
            return box
    return None


def _overlap(first: tuple[int, int, int, int], second: tuple[int, int, int, int]) -> float:
    width = min(first[2], second[2]) - max(first[0], second[0])
    height = min(first[3], second[3]) - max(first[1], second[1])
    areas = [(box[2] - box[0]) * (box[3] - box[1]) for box in (first, second)]
    return max(width, 0) * max(height, 0) / min(areas)


def _draw(image: Grid, shape: str, box: tuple[int, int, int, int], draws: np.random.Generator) -> None:
    left, top, right, bottom = box
    height, width = bottom - top, right - left
    y, x = np.meshgrid(
        (np.arange(height) + 0.5) / height * 2 - 1, (np.arange(width) + 0.5) / width * 2 - 1, indexing="ij"
    )
    color = draws.uniform(0, 1, 3)
    # At least a third away from the ground in one channel, so that every shape can be seen.
    ground = image[top:bottom, left:right].mean((0, 1))
    channel = int(draws.integers(3))
    color[channel] = ground[channel] + (0.33 if ground[channel] < 0.5 else -0.33)
    image[top:bottom, left:right][SHAPES[shape](x, y)] = color
