"""A network's answers, and its VQA accuracy by kind of question, next to that of trivial answers."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from thesis_workloads.datasets.vqa.visual_question import ANSWER_TYPES
from thesis_workloads.metrics.vqa_accuracy import accuracies, majority, scores_of
from thesis_workloads.systems.highway_vqa.data import QuestionPart
from thesis_workloads.training.distributed import all_sum
from thesis_workloads.training.evaluation import slice_of

EVALUATION_BATCH = 512
_KEYS = {"yes/no": "yes_no", "number": "number", "other": "other"}


@dataclass(frozen=True, kw_only=True)
class Answers:
    """The answers to all questions of a part, the same on every worker."""

    open_ended: Tensor  # (N,) numbers of answers
    multiple_choice: Tensor  # (N,), -1 where no choice is a class; the part may have no choices
    loss: float  # mean cross entropy (nats) of the questions whose answer is a class
    confidence: float  # mean probability of that answer


@torch.inference_mode()
def answer(network: nn.Module, part: QuestionPart, features: Tensor, *, device: torch.device) -> Answers:
    """Returns the answers of a network, which is left in the mode it was in."""
    was_training = network.training
    network.eval()
    mine, size = slice_of(len(part)), len(part)
    found = torch.zeros(2, size, dtype=torch.int64, device=device)
    totals = torch.zeros(3, dtype=torch.float64, device=device)
    for start in range(mine.start, mine.stop, EVALUATION_BATCH):
        rows = slice(start, min(start + EVALUATION_BATCH, mine.stop))
        logits = network(features[part.rows[rows].cpu()].to(device), part.words[rows])
        found[0, rows] = logits.argmax(1)
        found[1, rows] = choose(logits, part.choices[rows])
        targets = part.targets[rows]
        losses = F.cross_entropy(logits, targets, ignore_index=-1, reduction="none")
        is_class = targets >= 0
        totals += torch.stack((losses.sum(), is_class.sum(), losses[is_class].neg().exp().sum()))
    network.train(was_training)
    found, (loss, count, confidence) = all_sum(found), all_sum(totals).tolist()
    return Answers(
        open_ended=found[0],
        multiple_choice=found[1],
        loss=loss / max(count, 1.0),
        confidence=confidence / max(count, 1.0),
    )


def choose(logits: Tensor, choices: Tensor) -> Tensor:
    """Returns the likeliest of the choices (B, C) by logits (B, A); -1 where none of them is a class."""
    if choices.shape[1] == 0:
        return torch.full((len(logits),), -1, device=logits.device)
    scores = logits.gather(1, choices.clamp(min=0)).masked_fill(choices < 0, float("-inf"))
    best = choices.gather(1, scores.argmax(1, keepdim=True))[:, 0]
    return torch.where((choices >= 0).any(1), best, -1)


def scores(answers: Answers, part: QuestionPart) -> dict[str, float]:
    """Returns the VQA accuracies, 0..1: of all questions, by answer type, and of multiple choice."""
    found = {
        "loss": answers.loss,
        "confidence": answers.confidence,
        **by_answer_type(answers.open_ended, part),
    }
    if part.choices.shape[1]:
        right = scores_of(answers.multiple_choice, part.answers, part.scores)
        found["accuracy_multiple_choice"] = float(right.mean())
    return found


def by_answer_type(predicted: Tensor, part: QuestionPart) -> dict[str, float]:
    """Returns the VQA accuracy of all questions and of each answer type that there is."""
    right = scores_of(predicted, part.answers, part.scores)
    kinds = accuracies(right, part.kinds, ANSWER_TYPES)
    return {
        "accuracy": float(right.mean()),
        **{f"accuracy_{_KEYS[name]}": value for name, value in kinds.items()},
    }


def by_question_type(predicted: Tensor, part: QuestionPart, type_names: Sequence[str]) -> dict[str, float]:
    """Returns the VQA accuracy of each type of question."""
    right = scores_of(predicted, part.answers, part.scores)
    return {
        f"type/{metric_name(name)}": value
        for name, value in accuracies(right, part.types, type_names).items()
    }


def metric_name(question_type: str) -> str:
    """Returns a type of question as part of a metric's name."""
    return re.sub(r"[^a-z0-9]+", "_", question_type.lower()).strip("_") or "none"


def trivial_scores(train: QuestionPart, part: QuestionPart) -> dict[str, float]:
    """Returns the accuracy of the commonest training answer: of all questions, and of those of the same type."""
    overall = torch.full_like(part.types, majority(train.targets))
    by_type = overall.clone()
    for number in part.types.unique().tolist():
        targets = train.targets[train.types == number]
        if bool((targets >= 0).any()):
            by_type[part.types == number] = majority(targets)
    return {
        "accuracy_majority": by_answer_type(overall, part)["accuracy"],
        "accuracy_by_type": by_answer_type(by_type, part)["accuracy"],
    }
