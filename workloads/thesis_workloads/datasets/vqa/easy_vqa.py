"""easy-VQA: 5,000 images of one coloured shape and 48,248 questions, from the package of that name.

Read from the package's folder without importing it. It has no multiple choice task; here a question's four
choices are the right answer, one of its kind, and two others, drawn by the question's number.
"""

import random
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from thesis_workloads.datasets.errors import DatasetDamaged
from thesis_workloads.datasets.text_file import read_json
from thesis_workloads.datasets.vqa.visual_question import OTHER, YES_NO, Question, RawQuestions

NUM_CHOICES = 4
_COLORS = ("black", "blue", "brown", "gray", "green", "red", "teal", "yellow")
_SHAPES = ("circle", "rectangle", "triangle")
_ANSWERS = ("yes", "no", *_COLORS, *_SHAPES)


def find_easy_vqa() -> Path | None:
    """Returns the package's data folder, or None if it isn't installed."""
    spec = find_spec("easy_vqa")
    folder = Path(spec.origin).parent / "data" if spec is not None and spec.origin else None
    return folder if folder is not None and (folder / "train" / "questions.json").is_file() else None


def read_easy_vqa() -> RawQuestions:
    """Returns the official training and test part.

    Raises:
        DatasetDamaged: if a file of questions has another form.
    """
    folder = find_easy_vqa()
    assert folder is not None, "callers look first"
    images: dict[str, str] = {}
    parts = {part: _read_part(folder / part, part, images) for part in ("train", "test")}
    return RawQuestions(
        train=parts["train"], test=parts["test"], images=images, version=f"easy-vqa {version('easy-vqa')}"
    )


def question_type(text: str) -> str:
    """Returns the kind of a question: presence or absence of a shape or color, a color, or a shape."""
    words = text.rstrip("?").split()
    if words[0] != "what":
        asked = "absence" if "not" in words or "no" in words else "presence"
        return f"{asked} of a {'shape' if any(shape in words for shape in _SHAPES) else 'color'}"
    return "color" if "color" in words else "shape"


def _read_part(folder: Path, part: str, images: dict[str, str]) -> list[Question]:
    path = folder / "questions.json"
    try:
        rows = [(str(text), str(answer), int(image)) for text, answer, image in read_json(path)]
    except (TypeError, ValueError, OverflowError) as error:
        raise DatasetDamaged(f"{path} must be a list of [question, answer, image], got {error}") from error
    for _, _, image in rows:
        images[f"{part}/{image}"] = str(folder / "images" / f"{image}.png")
    return [
        Question(
            image=f"{part}/{image}",
            text=text,
            answers=(answer,),
            answer_type=YES_NO if answer in ("yes", "no") else OTHER,
            question_type=question_type(text),
            choices=choices_of(answer, seed=f"{part}/{number}"),
        )
        for number, (text, answer, image) in enumerate(rows)
    ]


def choices_of(answer: str, *, seed: str) -> tuple[str, ...]:
    """Returns four distinct answers in random order, the right one and another of its kind among them."""
    draws = random.Random(seed)
    kinds = (("yes", "no"), _COLORS, _SHAPES)
    kind = next((names for names in kinds if answer in names), _ANSWERS)
    like_it = draws.choice([name for name in kind if name != answer])
    others = draws.sample([name for name in _ANSWERS if name not in (answer, like_it)], NUM_CHOICES - 2)
    chosen = [answer, like_it, *others]
    draws.shuffle(chosen)
    return tuple(chosen)
