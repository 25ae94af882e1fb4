"""The controls of section 6.1: random words in the place of a question's, or its own in another order."""

import torch
from torch import Tensor

from thesis_workloads.training.counter_draws import integers_of_items
from thesis_workloads.training.seeding import generator

WORDS = ("question", "random")
ORDERS = ("original", "shuffled")


def controlled(
    words: Tensor,
    *,
    num_words: int,
    num_marks: int,
    replaced: str,
    order: str,
    part: str,
    seed: int,
    epoch: int = 0,
) -> Tensor:
    """Returns questions (N, L) under a control; their lengths stay.

    Random words come from the vocabulary and depend on seed, part, epoch and the question's row alone. Nothing of
    the question is left but its length. With a new ``epoch`` they are new, so a network can't learn the training
    questions by their random words. Another order is drawn once: it is a question's own.

    Args:
        words: (N, L), padded with 0.
        num_words: of the vocabulary, its marks included.
        num_marks: of them, marks, which are never drawn.
        replaced: ``question`` or ``random``.
        order: ``original`` or ``shuffled``.
        part: name of the part, so that parts draw differently.
        seed: of the run.
        epoch: that random words are drawn for, from 0. A part that nothing is learned from keeps one.

    Raises:
        ValueError: if there is no such control.
    """
    if replaced not in WORDS:
        raise ValueError(f"words must be one of {', '.join(WORDS)}, got words={replaced!r}")
    if order not in ORDERS:
        raise ValueError(f"word_order must be one of {', '.join(ORDERS)}, got word_order={order!r}")
    if replaced == "random":
        drawn = integers_of_items(
            torch.arange(len(words)),
            num_places=words.shape[1],
            low=num_marks,
            high=num_words,
            seed=("random words", part, seed, epoch),
        )
        words = torch.where(words > 0, drawn, 0)
    if order == "shuffled":
        keys = torch.rand(words.shape, generator=generator("word order", part, seed))
        # Padding sorts behind every word, whose keys are below 1.
        words = words.gather(1, keys.masked_fill(words == 0, 2.0).argsort(1))
    return words
