"""Which questions need the image: a positive control, on which a model that uses the image must beat a blind one.

A question needs the image where the commonest training answer to the same words is right for at most half of the
training questions with these words. The test part's answers play no part in the choice.
"""

from collections import Counter

import torch
from torch import Tensor

from thesis_workloads.metrics.vqa_accuracy import scores_of
from thesis_workloads.systems.highway_vqa.data import QuestionPart

LARGEST_BLIND_SHARE = 0.5


def needs_image(train: QuestionPart, part: QuestionPart) -> Tensor:
    """Returns (N,) bool: the questions of a part that need the image. Words never asked in training count as not."""
    answers: dict[tuple[int, ...], Counter[int]] = {}
    for words, target in zip(_texts(train), train.targets.tolist(), strict=True):
        answers.setdefault(words, Counter())[target] += 1
    needed = {
        words
        for words, counts in answers.items()
        if max(counts.values()) <= LARGEST_BLIND_SHARE * counts.total()
    }
    return torch.tensor([words in needed for words in _texts(part)], dtype=torch.bool)


def image_needed_accuracy(predicted: Tensor, part: QuestionPart, is_needed: Tensor) -> dict[str, float]:
    """Returns the VQA accuracy of the questions that need the image, and their share; empty without any."""
    if not bool(is_needed.any()):
        return {}
    right = scores_of(predicted, part.answers, part.scores)[is_needed.to(predicted.device)]
    return {
        "accuracy_image_needed": float(right.mean()),
        "share_image_needed": float(is_needed.double().mean()),
    }


def _texts(part: QuestionPart) -> list[tuple[int, ...]]:
    return [tuple(word for word in row if word) for row in part.words.tolist()]
