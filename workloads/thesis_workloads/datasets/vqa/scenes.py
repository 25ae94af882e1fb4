"""Generated images: coloured shapes on a plain ground, each image made from its seed alone.

After Sort-of-CLEVR (Santoro et al. 2017), with one to six shapes whose colours may repeat, so that counts vary.
"""

import random
from dataclasses import dataclass

from PIL import Image, ImageDraw

SIZE = 64  # pixels, both sides
MAX_OBJECTS = 6
SHAPES = ("circle", "square", "triangle")
COLORS = {
    "red": (214, 39, 40),
    "green": (44, 140, 44),
    "blue": (31, 87, 200),
    "yellow": (235, 205, 40),
    "purple": (140, 60, 180),
    "gray": (127, 127, 127),
}
CLASSES = tuple(f"{color} {shape}" for color in COLORS for shape in SHAPES)  # of an image of one object
_GRID = 4  # cells a side; an object keeps to its cell
_SMOOTH = 4  # drawn this much larger, then scaled down


@dataclass(frozen=True, kw_only=True)
class SceneObject:
    """One shape."""

    shape: str
    color: str
    x: float  # centre in pixels from the left
    y: float  # centre in pixels from the top
    radius: float  # pixels

    @property
    def name(self) -> str:
        """Returns its name in a question."""
        return f"{self.color} {self.shape}"


def scene_objects(seed: int, *, num_objects: int = 0) -> tuple[SceneObject, ...]:
    """Returns the objects of a scene in no order; ``num_objects=0`` draws one to six."""
    draws = random.Random(f"scene {seed} {num_objects}")
    count = num_objects or draws.randint(1, MAX_OBJECTS)
    cell = SIZE / _GRID
    found = []
    for place in draws.sample(range(_GRID * _GRID), count):
        radius = draws.uniform(5.0, 7.5)
        play = cell / 2 - radius
        found.append(
            SceneObject(
                shape=draws.choice(SHAPES),
                color=draws.choice(tuple(COLORS)),
                x=(place % _GRID + 0.5) * cell + draws.uniform(-play, play),
                y=(place // _GRID + 0.5) * cell + draws.uniform(-play, play),
                radius=radius,
            )
        )
    return tuple(found)


def render(objects: tuple[SceneObject, ...], *, seed: int) -> Image.Image:
    """Returns the image of a scene, RGB, on a light ground whose shade follows from the seed."""
    shade = random.Random(f"ground {seed}").randint(200, 255)
    side = SIZE * _SMOOTH
    image = Image.new("RGB", (side, side), (shade, shade, shade))
    pen = ImageDraw.Draw(image)
    for each in objects:
        x, y, radius = each.x * _SMOOTH, each.y * _SMOOTH, each.radius * _SMOOTH
        box = (x - radius, y - radius, x + radius, y + radius)
        if each.shape == "circle":
            pen.ellipse(box, fill=COLORS[each.color])
        elif each.shape == "square":
            pen.rectangle(box, fill=COLORS[each.color])
        else:
            pen.polygon(
                [(x, y - radius), (x - radius, y + radius), (x + radius, y + radius)], COLORS[each.color]
            )
    return image.resize((SIZE, SIZE), Image.Resampling.BOX)


def scene_image(seed: int) -> Image.Image:
    """Returns the image of the scene with this seed."""
    return render(scene_objects(seed), seed=seed)
