"""Sets of questions about images by name, each in three parts that share no image.

The held-out part is taken from the training images by a fixed seed; the test part is the official one (of VQA
the validation part, since the answers of its test part were never published).
"""

import hashlib
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from thesis_workloads.contract.nearest import nearest_name
from thesis_workloads.datasets.errors import DatasetMissing
from thesis_workloads.datasets.vqa.easy_vqa import find_easy_vqa, read_easy_vqa
from thesis_workloads.datasets.vqa.scene_questions import read_scenes
from thesis_workloads.datasets.vqa.visual_question import Question, RawQuestions
from thesis_workloads.datasets.vqa.vqa_annotations import find_vqa, read_vqa

SPLIT_SEED = 11  # only ever changed together with every published number


@dataclass(frozen=True, kw_only=True)
class QuestionSet:
    """One entry of the catalogue."""

    description: str
    read: Callable[[Path | None], RawQuestions]  # data folder -> questions and where their images are
    find: Callable[[Path | None], Path | None]  # data folder -> what shows that the set is here
    remedy: str


@dataclass(frozen=True, kw_only=True)
class QuestionSplits:
    """Three parts of one set, and its images."""

    train: list[Question]
    val: list[Question]
    test: list[Question]
    images: dict[str, str]  # name of an image -> its reference, see `image_references`
    name: str
    version: str
    digest: str  # 16 hex digits over the questions and answers of the three parts


QUESTION_SETS: dict[str, QuestionSet] = {
    "easy-vqa": QuestionSet(
        description="one coloured shape on a 64x64 image, 13 answers; package easy-vqa",
        read=lambda data_dir: read_easy_vqa(),
        find=lambda data_dir: find_easy_vqa(),
        remedy="pip install easy-vqa (extra demo)",
    ),
    "scenes": QuestionSet(
        description="one to six generated shapes; existence, attributes, counts and relations; made here",
        read=lambda data_dir: read_scenes(),
        find=lambda data_dir: Path(__file__),
        remedy="nothing is needed",
    ),
    "vqa-v1": QuestionSet(
        description="VQA v1: people's questions about COCO images, ten answers each",
        read=lambda data_dir: read_vqa(data_dir, release=1),
        find=lambda data_dir: find_vqa(data_dir, release=1),
        remedy="put the questions and annotations of VQA v1 (OpenEnded_ or MultipleChoice_mscoco_*.json,"
        " mscoco_*_annotations.json) and COCO's train2014 and val2014 into the data folder",
    ),
    "vqa-v2": QuestionSet(
        description="VQA v2: balanced pairs of COCO images, ten answers each",
        read=lambda data_dir: read_vqa(data_dir, release=2),
        find=lambda data_dir: find_vqa(data_dir, release=2),
        remedy="put the questions and annotations of VQA v2 (v2_OpenEnded_mscoco_*.json,"
        " v2_mscoco_*_annotations.json) and COCO's train2014 and val2014 into the data folder",
    ),
}


def question_set(name: str) -> QuestionSet:
    """Returns the entry of that name.

    Raises:
        ValueError: if there is none; the message names the nearest, or all.
    """
    if name not in QUESTION_SETS:
        near = nearest_name(name, list(QUESTION_SETS))
        hint = f"did you mean {near!r}?" if near else f"there are {', '.join(QUESTION_SETS)}"
        raise ValueError(f"data must be one of the question sets, got data={name!r}: {hint}")
    return QUESTION_SETS[name]


def load_questions(
    name: str, *, data_dir: Path | None, num_images: int, num_val_images: int
) -> QuestionSplits:
    """Returns the parts of a set.

    Args:
        name: of the set.
        data_dir: where its files lie, if no package ships it.
        num_images: images to train on; 0 takes all that are left. Of a limited number of test images the
            same share is taken.
        num_val_images: images held out.

    Raises:
        DatasetMissing: it is not here.
        DatasetDamaged: a file is not what it should be.
        ValueError: there is no such set, or it is too small.
    """
    declared = question_set(name)
    if declared.find(data_dir) is None:
        looked = data_dir or "no folder, since none is given or installed"
        raise DatasetMissing(f"dataset {name!r} is not here (looked in {looked}): {declared.remedy}")
    raw = declared.read(data_dir)
    names = list(dict.fromkeys(question.image for question in raw.train))
    random.Random(SPLIT_SEED).shuffle(names)
    held, left = set(names[:num_val_images]), names[num_val_images:]
    if len(held) < num_val_images or len(left) < max(num_images, 1):
        raise ValueError(
            f"num_images and num_val_images must fit into the {len(names)} training images of {name}, got"
            f" num_images={num_images} and num_val_images={num_val_images}"
        )
    kept = set(left[: num_images or None])
    train = [question for question in raw.train if question.image in kept]
    val = [question for question in raw.train if question.image in held]
    tested = _some_images(raw.test, share=len(kept) / len(left))
    test = [question for question in raw.test if question.image in tested]
    used = {question.image for question in (*train, *val, *test)}
    return QuestionSplits(
        train=train,
        val=val,
        test=test,
        images={name: reference for name, reference in raw.images.items() if name in used},
        name=name,
        version=raw.version,
        digest=digest_of([*train, *val, *test]),
    )


def digest_of(questions: Sequence[Question]) -> str:
    """Returns 16 hex digits over all questions, their images and answers, in order."""
    state = hashlib.blake2b(digest_size=8)
    for question in questions:
        state.update("\t".join((question.image, question.text, *question.answers)).encode() + b"\n")
    return state.hexdigest()


def _some_images(questions: Sequence[Question], *, share: float) -> set[str]:
    names = list(dict.fromkeys(question.image for question in questions))
    random.Random(SPLIT_SEED).shuffle(names)
    return set(names[: max(1, round(share * len(names)))])
