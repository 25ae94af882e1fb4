"""VQA accuracy (Antol et al. 2015): an answer is right in as far as people gave it, full marks for three.

Ten people answered each question. An answer is compared with every nine of them, min(agreeing / 3, 1), and the
ten values are averaged: this leave-one-annotator-out average is what the published evaluation computes.

How people's answers are normalised before (the predicted answer always takes its normal form, `normalise_answer`):
- ``official`` (default), as the published evaluation: their punctuation only; where all typed the same, nothing.
  So a predicted "2" or "dog" does not agree with a person's "two" or "a dog".
- ``lenient``: their normal form as well, so number words, articles and contractions agree. It is never below
  ``official`` on the same answers, and not comparable with published figures.
"""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from thesis_workloads.metrics.vqa_answers import normalise_answer, normalise_punctuation

FULL_MARKS = 3.0  # people who must agree
NORMALISATIONS = ("official", "lenient")


def vqa_accuracy(answer: str, people: Sequence[str], *, normalisation: str = "official") -> float:
    """Returns the accuracy, 0..1, of an answer to a question that these people answered.

    Raises:
        ValueError: if nobody answered, or there is no such normalisation.
    """
    return answer_scores(people, normalisation=normalisation).get(normalise_answer(answer), 0.0)


def answer_scores(people: Sequence[str], *, normalisation: str = "official") -> dict[str, float]:
    """Returns the accuracy of each answer that somebody gave, as it is normalised; any other has 0.

    A question that one person answered (sets made by a program) has one right answer, in its normal form.

    Args:
        people: what each person typed.
        normalisation: ``official`` or ``lenient``; see the module.

    Raises:
        ValueError: if nobody answered, or there is no such normalisation.
    """
    if not people:
        raise ValueError(f"people must not be empty, got {people=}")
    if normalisation not in NORMALISATIONS:
        raise ValueError(f"normalisation must be one of {', '.join(NORMALISATIONS)}, got {normalisation=}")
    if len(people) == 1:
        return {normalise_answer(people[0]): 1.0}
    normal = [normalise_answer(text) for text in people] if normalisation == "lenient" else _official(people)
    return {answer: _left_one_out(normal.count(answer), len(normal)) for answer in dict.fromkeys(normal)}


def _official(people: Sequence[str]) -> list[str]:
    return list(people) if len(set(people)) == 1 else [normalise_punctuation(text) for text in people]


def _left_one_out(agreeing: int, total: int) -> float:
    """Returns the mean over the people of min(others who agree / 3, 1)."""
    with_it = agreeing * min((agreeing - 1) / FULL_MARKS, 1.0)
    without_it = (total - agreeing) * min(agreeing / FULL_MARKS, 1.0)
    return (with_it + without_it) / total


def scores_of(predicted: Tensor, answers: Tensor, scores: Tensor) -> Tensor:
    """Returns each prediction's accuracy (N,) float64.

    Args:
        predicted: (N,) numbers of answers.
        answers: (N, K) numbers of what people answered, -1 where there are fewer.
        scores: (N, K) their accuracies.
    """
    return ((answers == predicted[:, None]) * scores).sum(1).double()


def accuracies(scores: Tensor, kinds: Tensor, names: Sequence[str]) -> Mapping[str, float]:
    """Returns the mean of scores (N,) by kind (N,), in 0..1; a kind without questions is left out."""
    found = {}
    for number, name in enumerate(names):
        is_kind = kinds == number
        if bool(is_kind.any()):
            found[name] = float(scores[is_kind].mean())
    return found


def majority(answers: Tensor) -> int:
    """Returns the commonest of the answers (N,), numbers below 0 apart; the smallest of several."""
    return int(torch.bincount(answers[answers >= 0]).argmax())
