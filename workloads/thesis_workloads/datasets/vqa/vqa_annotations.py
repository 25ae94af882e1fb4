"""VQA v1 and v2 as published: questions, ten answers each, and the COCO images that they are about.

Files may lie in the data folder, or in its folders ``vqa``, ``vqa-v1`` and ``vqa-v2``; images in ``train2014``
and ``val2014`` of the data folder or of its folder ``coco``. Multiple choice questions, which only the first
release has, are used where their file is there: they are the open-ended ones with 18 choices each.
"""

from pathlib import Path
from typing import Any

from thesis_workloads.datasets.errors import DatasetDamaged, DatasetMissing
from thesis_workloads.datasets.text_file import read_json
from thesis_workloads.datasets.vqa.visual_question import ANSWER_TYPES, OTHER, Question, RawQuestions

PARTS = {"train": "train2014", "test": "val2014"}
_FOLDERS = {1: (".", "vqa", "vqa-v1"), 2: (".", "vqa", "vqa-v2")}
_PREFIX = {1: "", 2: "v2_"}


def find_vqa(data_dir: Path | None, *, release: int) -> Path | None:
    """Returns the training part's annotations, or None if they are not here."""
    return _find(data_dir, f"{_PREFIX[release]}mscoco_train2014_annotations.json", release)


def read_vqa(data_dir: Path | None, *, release: int) -> RawQuestions:
    """Returns the training part, and the validation part to test on.

    Raises:
        DatasetMissing: if one of the files is not here.
        DatasetDamaged: if one has another form, or a question has no annotation.
    """
    prefix, images = _PREFIX[release], dict[str, str]()
    parts: dict[str, list[Question]] = {}
    for part, coco in PARTS.items():
        annotations = _needed(data_dir, f"{prefix}mscoco_{coco}_annotations.json", release)
        choices = _find(data_dir, f"MultipleChoice_mscoco_{coco}_questions.json", release)
        questions = choices if release == 1 and choices is not None else None
        questions = questions or _needed(data_dir, f"{prefix}OpenEnded_mscoco_{coco}_questions.json", release)
        folder = _image_folder(data_dir, coco)
        parts[part] = join(questions, annotations, split=coco)
        for question in parts[part]:
            images[question.image] = str(folder / Path(question.image).name)
    return RawQuestions(
        train=parts["train"], test=parts["test"], images=images, version=f"VQA v{release}, tested on val2014"
    )


def join(questions: Path, annotations: Path, *, split: str) -> list[Question]:
    """Returns the questions of a part with their answers, in the order of the file of questions.

    Raises:
        DatasetDamaged: if a file has another form, or a question has no annotation.
    """
    asked, answered = _entries(questions, "questions"), _entries(annotations, "annotations")
    path = annotations
    try:
        by_question = {int(entry["question_id"]): entry for entry in answered}
        path = questions
        return [_question(entry, by_question[int(entry["question_id"])], split) for entry in asked]
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise DatasetDamaged(
            f"{path} must have question_id, image_id, question and an annotation with answers for each, got"
            f" {error!r}"
        ) from error


def _question(asked: dict[str, Any], answered: dict[str, Any], split: str) -> Question:
    kind = str(answered.get("answer_type", OTHER))
    return Question(
        image=f"{split}/COCO_{split}_{int(asked['image_id']):012d}.jpg",
        text=str(asked["question"]),
        answers=tuple(str(entry["answer"]) for entry in answered["answers"]),
        answer_type=kind if kind in ANSWER_TYPES else OTHER,
        question_type=str(answered.get("question_type", "")),
        choices=tuple(str(choice) for choice in asked.get("multiple_choices", ())),
    )


def _entries(path: Path, key: str) -> list[dict[str, Any]]:
    try:
        found = read_json(path)[key]
    except (KeyError, TypeError) as error:
        raise DatasetDamaged(f"{path} must be JSON with {key!r}, got {error!r}") from error
    if not isinstance(found, list):
        raise DatasetDamaged(f"{path} must have a list of {key}, got {type(found).__name__}")
    return found


def _find(data_dir: Path | None, name: str, release: int) -> Path | None:
    if data_dir is None:
        return None
    paths = (data_dir / folder / name for folder in _FOLDERS[release])
    return next((path for path in paths if path.is_file()), None)


def _needed(data_dir: Path | None, name: str, release: int) -> Path:
    path = _find(data_dir, name, release)
    if path is None:
        raise DatasetMissing(f"VQA v{release} needs {name} in {data_dir}, its folder vqa or vqa-v{release}")
    return path


def _image_folder(data_dir: Path | None, coco: str) -> Path:
    assert data_dir is not None, "the annotations were found in it"
    folders = [data_dir / coco, data_dir / "coco" / coco]
    found = next((folder for folder in folders if folder.is_dir()), None)
    if found is None:
        raise DatasetMissing(f"VQA needs COCO's images in {folders[0]} or {folders[1]}")
    return found
