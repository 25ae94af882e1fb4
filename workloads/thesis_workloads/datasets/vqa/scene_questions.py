"""Questions about generated scenes: existence, attribute, count, place and relation, balanced where yes or no.

Unlike those of easy-VQA they have counts, and relations in which the order of the words decides: "is the red
circle left of the blue square" and its reverse have opposite answers.
"""

import random

from thesis_workloads.datasets.vqa.scenes import COLORS, SHAPES, SceneObject, scene_objects
from thesis_workloads.datasets.vqa.visual_question import NUMBER, OTHER, YES_NO, Question, RawQuestions

NUM_TRAIN, NUM_TEST = 4000, 1000  # scenes
PER_KIND = 2  # questions of each kind about a scene, where it has that many
VERSION = "scenes 1"
_SIDES = {"left of": "x", "right of": "x", "above": "y", "below": "y"}


def read_scenes() -> RawQuestions:
    """Returns both parts; a scene's questions follow from its seed alone."""
    train = [question for seed in range(NUM_TRAIN) for question in questions_about(seed)]
    test = [question for seed in range(NUM_TRAIN, NUM_TRAIN + NUM_TEST) for question in questions_about(seed)]
    images = {f"scene/{seed}": f"scene:{seed}" for seed in range(NUM_TRAIN + NUM_TEST)}
    return RawQuestions(train=train, test=test, images=images, version=VERSION)


def questions_about(seed: int) -> list[Question]:
    """Returns the questions about the scene with this seed."""
    objects = scene_objects(seed)
    draws = random.Random(f"questions {seed}")
    names = [each.name for each in objects]
    unique = [each for each in objects if names.count(each.name) == 1]
    made: list[tuple[str, str, str, str]] = []  # text, answer, answer type, question type
    for _ in range(PER_KIND):
        made.append(_existence(objects, draws))
        made.append(_count(objects, draws))
        made.append(_place(draws.choice(unique), draws) if unique else _count(objects, draws))
        made += [_relation(draws.sample(unique, 2), draws)] if len(unique) > 1 else []
        made += _attribute(objects, draws)
    return [
        Question(image=f"scene/{seed}", text=text, answers=(answer,), answer_type=kind, question_type=asked)
        for text, answer, kind, asked in dict.fromkeys(made)
    ]


def _existence(objects: tuple[SceneObject, ...], draws: random.Random) -> tuple[str, str, str, str]:
    there = {each.name for each in objects}
    absent = [f"{color} {shape}" for color in COLORS for shape in SHAPES if f"{color} {shape}" not in there]
    is_there = draws.random() < 0.5
    name = draws.choice(sorted(there) if is_there else absent)
    return f"is there a {name}?", "yes" if is_there else "no", YES_NO, "existence"


def _count(objects: tuple[SceneObject, ...], draws: random.Random) -> tuple[str, str, str, str]:
    what = draws.choice(("shape", "color", "all"))
    if what == "all":
        return "how many shapes are there?", str(len(objects)), NUMBER, "count"
    if what == "shape":
        shape = draws.choice(SHAPES)
        return f"how many {shape}s are there?", str(sum(o.shape == shape for o in objects)), NUMBER, "count"
    color = draws.choice(tuple(COLORS))
    return f"how many {color} shapes are there?", str(sum(o.color == color for o in objects)), NUMBER, "count"


def _attribute(objects: tuple[SceneObject, ...], draws: random.Random) -> list[tuple[str, str, str, str]]:
    """Returns a question about a shape or colour that one object alone has, if there is such a one."""
    shapes = [each.shape for each in objects]
    colors = [each.color for each in objects]
    asked = [
        (f"what color is the {o.shape}?", o.color, "color") for o in objects if shapes.count(o.shape) == 1
    ]
    asked += [(f"what shape is {o.color}?", o.shape, "shape") for o in objects if colors.count(o.color) == 1]
    if not asked:
        return []
    text, answer, kind = draws.choice(asked)
    return [(text, answer, OTHER, kind)]


def _place(one: SceneObject, draws: random.Random) -> tuple[str, str, str, str]:
    side, is_true = draws.choice(
        (
            ("left", one.x < 32),
            ("right", one.x >= 32),
            ("top", one.y < 32),
            ("bottom", one.y >= 32),
        )
    )
    return f"is the {one.name} in the {side} half?", "yes" if is_true else "no", YES_NO, "place"


def _relation(pair: list[SceneObject], draws: random.Random) -> tuple[str, str, str, str]:
    one, other = pair
    relation = draws.choice(tuple(_SIDES))
    axis = _SIDES[relation]
    first, second = getattr(one, axis), getattr(other, axis)
    is_true = first < second if relation in ("left of", "above") else first > second
    text = f"is the {one.name} {relation} the {other.name}?"
    return text, "yes" if is_true else "no", YES_NO, "relation"
