"""How much an attack takes and a defence gives back, by the definitions of sections 4.9 and 4.10.

Only images that the classifier gets right before any attack enter; the callers pass that mask or the
clean predictions, and the number that entered is part of every result.
"""

import math
from dataclasses import dataclass

import torch
from scipy.stats import binomtest
from torch import Tensor


@dataclass(frozen=True, kw_only=True)
class Share:
    """How many of how many."""

    hits: int
    total: int

    @property
    def value(self) -> float:
        """Returns hits / total, nan where nothing entered."""
        return self.hits / self.total if self.total else math.nan

    def interval(self, *, confidence: float = 0.95) -> tuple[float, float]:
        """Returns Wilson's score interval; (0, 1) where nothing entered."""
        if self.total == 0:
            return 0.0, 1.0
        found = binomtest(self.hits, self.total).proportion_ci(confidence, method="wilson")
        return float(found.low), float(found.high)


def robust_accuracy(predictions: Tensor, labels: Tensor, *, clean_predictions: Tensor) -> Share:
    """Returns the share of images right now among those right before the attack (section 4.9).

    Args:
        predictions: ``(B,)`` classes after attack, defence, or both.
        labels: ``(B,)`` true classes.
        clean_predictions: ``(B,)`` classes before any attack, without defence.
    """
    enters = clean_predictions == labels
    return Share(hits=int((enters & (predictions == labels)).sum()), total=int(enters.sum()))


def destruction_rate(
    defended_predictions: Tensor,
    labels: Tensor,
    *,
    clean_predictions: Tensor,
    adversarial_predictions: Tensor,
) -> Share:
    """Returns the share of successful adversarial images that are right after the defence (section 4.10.3).

    An adversarial image is successful where the classifier was right before and is wrong after the attack
    (Kurakin, Goodfellow and Bengio, "Adversarial examples in the physical world", 2016). All ``(B,)``.
    """
    is_fooled = (clean_predictions == labels) & (adversarial_predictions != labels)
    is_recovered = is_fooled & (defended_predictions == labels)
    return Share(hits=int(is_recovered.sum()), total=int(is_fooled.sum()))


def vote(predictions: Tensor) -> Tensor:
    """Returns the class ``(B,)`` that most of R runs ``(R, B)`` give; of tied ones the first that came.

    Raises:
        ValueError: if there is no run.
    """
    if predictions.ndim != 2 or len(predictions) == 0:
        raise ValueError(f"predictions must have shape (R, B) with R above 0, got {predictions.shape=}")
    num_runs = len(predictions)
    agreeing = (predictions[:, None] == predictions[None]).sum(1)
    earliness = torch.arange(num_runs - 1, -1, -1, device=predictions.device)[:, None]
    best = (agreeing * num_runs + earliness).argmax(0, keepdim=True)
    return predictions.gather(0, best)[0]


def normalised_l2(images: Tensor, others: Tensor) -> Tensor:
    """Returns ``(B,)``: root mean squared difference of ``(B, C, H, W)`` in [0, 1] (|L2| of section 4.9)."""
    return (images - others).flatten(1).square().mean(1).sqrt()
