"""Attacks that know the defence: BPDA, the gradient through the defence, and expectation over its draws.

Sources: Athalye, Carlini and Wagner, "Obfuscated gradients give a false sense of security", 2018 (BPDA,
section 4.1); Athalye, Engstrom, Ilyas and Kwok, "Synthesizing robust adversarial examples", 2018 (EOT).
Beyond the dissertation.

A `DefendedModel` is defence and classifier in one, so every gradient attack of this room works on it
unchanged. A defence is any callable `(images (N, C, H, W), seeds (N,)) -> images (N, C, H, W)` that draws
image n from seed n only.

Deviation: EOT is taken over the logits (or the probabilities) before the objective, so that every objective
fits; published code averages the gradients of the loss. The two agree for objectives linear in the averaged
quantity.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal

import torch
from torch import Tensor
from torch.nn import functional

from thesis_workloads.attacks.model import Attackable
from thesis_workloads.attacks.randomness import derive_seeds

Defense = Callable[[Tensor, Tensor], Tensor]
_FRESH = 0x4B43  # stream of the attacker's own draws, apart from the draws of a defender with the same seeds


class _StraightThrough(torch.autograd.Function):
    """Value of the first tensor, gradient to the second: exact in value, unlike x + (d - x).detach()."""

    @staticmethod
    def forward(ctx: Any, defended: Tensor, images: Tensor) -> Tensor:
        return defended.clone()

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[None, Tensor]:
        return None, gradients[0]


def bpda_identity(defense: Defense, images: Tensor, seeds: Tensor, stand_in: Defense | None = None) -> Tensor:
    """Returns the defended images (N, C, H, W); backwards, the defence counts as its stand-in.

    Args:
        stand_in: A differentiable approximation of the defence; None takes the identity.

    Raises:
        ValueError: if the defence's shape is not its stand-in's, whose gradient then means nothing.
    """
    with torch.no_grad():
        defended = defense(images.detach(), seeds)
    approximate = images if stand_in is None else stand_in(images, seeds)
    if defended.shape != approximate.shape:
        raise ValueError(f"defense must keep the shape for BPDA, got {defended.shape=} {approximate.shape=}")
    straight: Tensor = _StraightThrough.apply(defended, approximate)
    return straight


def through_defense(defense: Defense, images: Tensor, seeds: Tensor) -> Tensor:
    """Returns the defended images (N, C, H, W) with the defence's own gradient for the seeds' draws.

    Raises:
        ValueError: if the images carry a gradient and the defence loses it.
    """
    defended = defense(images, seeds)
    if images.requires_grad and not defended.requires_grad:
        raise ValueError(
            'defense must be differentiable for gradient="true", got a result without a gradient'
        )
    return defended


@dataclass(frozen=True, kw_only=True)
class DefendedModel:
    """A random defence before a classifier, as an attacker who knows both sees it."""

    classifier: Attackable
    defense: Defense
    seeds: Tensor  # (B,) one per sample of the attacked batch
    gradient: Literal["bpda", "true"] = "bpda"  # identity backwards, or the defence's own gradient
    num_draws: int = 1  # draws of the defence that an evaluation averages, all in one batch
    fresh_draws: bool = True  # new draws at every step; False: the seeds themselves, then fixed further draws
    average: Literal["logits", "probabilities"] = (
        "logits"  # what is averaged; log of the mean for probabilities
    )
    stand_in: Defense | None = None  # differentiated in the defence's place by BPDA; None: the identity
    step: int = 0  # of the attack; set by `at`

    @property
    def bounds(self) -> tuple[float, float]:
        """Returns the classifier's bounds."""
        return self.classifier.bounds

    def at(self, rows: Tensor, step: int) -> "DefendedModel":
        """Returns the model with the seeds of some samples, drawing as of the given step."""
        return replace(self, classifier=self.classifier.at(rows, step), seeds=self.seeds[rows], step=step)

    def draw_seeds(self) -> Tensor:
        """Returns the seeds (B * num_draws,) of this step's draws, those of one sample together.

        With `fresh_draws=False` the first draw of a sample is its own seed: the attacker knows the
        defender's draw.
        """
        own = [self.seeds] if not self.fresh_draws else [derive_seeds(self.seeds, _FRESH, self.step, 0)]
        step = self.step if self.fresh_draws else 0
        further = [derive_seeds(self.seeds, _FRESH, step, draw) for draw in range(1, self.num_draws)]
        return torch.stack(own + further, dim=1).flatten()

    def by_draw(self, inputs: Tensor) -> Tensor:
        """Returns the logits (B, num_draws, K) of every draw.

        Raises:
            ValueError: if there is not one seed per image, or if a setting is out of range.
        """
        if len(inputs) != len(self.seeds):
            raise ValueError(f"inputs must have one seed each, got {len(inputs)=} {len(self.seeds)=}")
        if self.num_draws < 1 or self.gradient not in ("bpda", "true"):
            raise ValueError(
                f"num_draws must be positive, gradient bpda or true, got {self.num_draws=} {self.gradient=}"
            )
        images = inputs.repeat_interleave(self.num_draws, dim=0)
        if self.gradient == "bpda":
            defended = bpda_identity(self.defense, images, self.draw_seeds(), self.stand_in)
        else:
            defended = through_defense(self.defense, images, self.draw_seeds())
        by_draw: Tensor = self.classifier(defended).reshape(len(inputs), self.num_draws, -1)
        return by_draw

    def __call__(self, inputs: Tensor) -> Tensor:
        """Returns the logits (B, K), or log mean probabilities, averaged over the draws.

        Raises:
            ValueError: as `by_draw`, or if the average is unknown.
        """
        by_draw = self.by_draw(inputs)
        if self.average == "logits":
            return by_draw.mean(1)
        if self.average == "probabilities":
            return functional.log_softmax(by_draw, dim=2).logsumexp(1) - math.log(self.num_draws)
        raise ValueError(f"average must be logits or probabilities, got {self.average=}")
