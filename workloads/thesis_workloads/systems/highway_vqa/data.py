"""What a run trains on: numbered questions of three parts, their answers, and the features of their images."""

import dataclasses
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from thesis_workloads.datasets.vqa.visual_question import ANSWER_TYPES, Question
from thesis_workloads.datasets.vqa.visual_questions import QuestionSplits
from thesis_workloads.metrics.embedding_similarity import read_word_vectors
from thesis_workloads.metrics.vqa_accuracy import answer_scores
from thesis_workloads.metrics.vqa_answers import normalise_answer
from thesis_workloads.systems.highway_vqa.features import ImageFeatures
from thesis_workloads.text.tokens import split_words
from thesis_workloads.text.vocabulary import (
    PADDING,
    UNKNOWN,
    Vocabulary,
    build_vocabulary,
    numbers_of,
    padded,
)

DATA_FIELDS = (
    "data",
    "num_images",
    "num_val_images",
    "num_answers",
    "normalisation",
    "backbone",
    "backbone_weights",
    "feature_seed",
    "image_size",
    "grid",
    "word_vectors",
)
"""Settings that the data depend on."""

MARKS = (PADDING, UNKNOWN)
NO_ANSWER = -1


@dataclass(frozen=True, kw_only=True)
class QuestionPart:
    """Questions of one part as numbers."""

    words: Tensor  # (N, L) int64, 0 for padding
    rows: Tensor  # (N,) int64, of the image in the table of features
    targets: Tensor  # (N,) int64, the answer to train on, -1 where it is no class
    answers: Tensor  # (N, K) int64, every answer that is a class, -1 where there are fewer
    scores: Tensor  # (N, K) float32, VQA accuracy of each
    kinds: Tensor  # (N,) int64, in ANSWER_TYPES
    types: Tensor  # (N,) int64, in `type_names`
    choices: Tensor  # (N, C) int64, the classes to choose from, -1 where a choice is none; C may be 0

    def __len__(self) -> int:
        """Returns N."""
        return len(self.rows)

    def to(self, device: torch.device) -> "QuestionPart":
        """Returns the part on a device."""
        moved = {field.name: getattr(self, field.name).to(device) for field in dataclasses.fields(self)}
        return QuestionPart(**moved)


@dataclass(frozen=True, kw_only=True)
class VisualQuestionData:
    """Three parts of one set with what their numbers mean."""

    train: QuestionPart
    val: QuestionPart
    test: QuestionPart
    features: Tensor  # (I, F) float32
    vocabulary: Vocabulary
    answers: tuple[str, ...]  # the classes, commonest first
    type_names: tuple[str, ...]
    vectors: Tensor | None  # (V, K) float32 that word vectors start from; zero rows for words without one
    problems: Mapping[str, str]  # image -> why it was left out
    num_left_out: int  # questions about those
    name: str
    version: str
    digest: str


def assemble(
    splits: QuestionSplits,
    features: ImageFeatures,
    *,
    num_answers: int,
    word_vectors: str = "",
    normalisation: str = "official",
) -> VisualQuestionData:
    """Returns the data of a set with the features of its images.

    A question whose image has no features is left out of its part and counted. People's answers are scored under
    ``normalisation`` (`thesis_workloads.metrics.vqa_accuracy`); the classes don't depend on it.

    Raises:
        ValueError: if a part has no question left, or the file of word vectors is of another form.
        OSError: if that file can't be read.
    """
    found = {part: getattr(splits, part) for part in ("train", "val", "test")}
    kept = {part: [each for each in found[part] if each.image in features.row_of] for part in found}
    for part, questions in kept.items():
        if not questions:
            first = next(iter(features.problems.items()), ("", ""))
            raise ValueError(
                f"the {part} part of {splits.name} has no question with a readable image, such as {first[0]}:"
                f" {first[1]}"
            )
    counts = Counter(word for question in kept["train"] for word in split_words(question.text))
    vocabulary = build_vocabulary(counts, max_words=max(1, len(counts)), marks=MARKS)
    classes = answer_classes(kept["train"], num_answers=num_answers)
    types = sorted({question.question_type for questions in kept.values() for question in questions})
    parts = {
        part: number_questions(
            questions, features.row_of, vocabulary, classes, types, normalisation=normalisation
        )
        for part, questions in kept.items()
    }
    return VisualQuestionData(
        **parts,
        features=features.table,
        vocabulary=vocabulary,
        answers=classes,
        type_names=tuple(types),
        vectors=_vectors(Path(word_vectors), vocabulary) if word_vectors else None,
        problems=features.problems,
        num_left_out=sum(len(found[part]) - len(kept[part]) for part in found),
        name=splits.name,
        version=f"{splits.version}; {features.source}",
        digest=splits.digest,
    )


def answer_classes(questions: Sequence[Question], *, num_answers: int) -> tuple[str, ...]:
    """Returns the commonest answers to train on, in normal form, ties in alphabetical order."""
    counts = Counter(target_of(question) for question in questions)
    ordered = sorted(counts, key=lambda answer: (-counts[answer], answer))
    return tuple(ordered[:num_answers])


def target_of(question: Question) -> str:
    """Returns the commonest of people's answers, in normal form; of several the one given first."""
    normal = [normalise_answer(answer) for answer in question.answers]
    return max(dict.fromkeys(normal), key=normal.count)


def number_questions(
    questions: Sequence[Question],
    row_of: Mapping[str, int],
    vocabulary: Vocabulary,
    classes: Sequence[str],
    type_names: Sequence[str],
    *,
    normalisation: str = "official",
) -> QuestionPart:
    """Returns questions as numbers; words outside the vocabulary become the mark for unknown words."""
    numbers = {answer: number for number, answer in enumerate(classes)}
    type_numbers = {name: number for number, name in enumerate(type_names)}
    scored = [_scores(question.answers, numbers, normalisation) for question in questions]
    normal = {
        choice: normalise_answer(choice) for choice in {c for question in questions for c in question.choices}
    }
    choices = [[numbers.get(normal[c], NO_ANSWER) for c in question.choices] for question in questions]
    return QuestionPart(
        words=padded([numbers_of(split_words(question.text), vocabulary) for question in questions]),
        rows=torch.tensor([row_of[question.image] for question in questions]),
        targets=torch.tensor([numbers.get(target_of(question), NO_ANSWER) for question in questions]),
        answers=_table([list(scores) for scores in scored], NO_ANSWER).long(),
        scores=_table([list(scores.values()) for scores in scored], 0.0).float(),
        kinds=torch.tensor([ANSWER_TYPES.index(question.answer_type) for question in questions]),
        types=torch.tensor([type_numbers[question.question_type] for question in questions]),
        choices=_table(choices, NO_ANSWER).long(),
    )


def _scores(answers: Sequence[str], numbers: Mapping[str, int], normalisation: str) -> dict[int, float]:
    scored = answer_scores(answers, normalisation=normalisation)
    return {numbers[text]: score for text, score in scored.items() if text in numbers}


def _table(rows: Sequence[Sequence[float]], padding: float) -> Tensor:
    table = np.full((len(rows), max(map(len, rows), default=0)), padding)
    for number, row in enumerate(rows):
        table[number, : len(row)] = row
    return torch.from_numpy(table)


def _vectors(path: Path, vocabulary: Vocabulary) -> Tensor:
    """Returns the file's vectors of the vocabulary's words.

    Raises:
        ValueError: if it has none of them or is of another form.
    """
    found = read_word_vectors(path, words=vocabulary.words)
    if not found:
        raise ValueError(f"word_vectors must have a word of the questions, got {path}")
    table = np.zeros((len(vocabulary), len(next(iter(found.values())))), np.float32)
    for word, vector in found.items():
        table[vocabulary.numbers[word]] = vector
    return torch.from_numpy(table)
