"""Notes whose labels only the articles tell: a positive control for networks that read a memory.

A note names one sign of each of two kinds, between words that mean nothing. The pair of signs decides its one
label, and an article for every pair tells which: its text names the two signs, its title the label. Pairs and
labels form a Latin square, half of whose symbols are trained on:

- in the training part every sign goes with every label equally often, so that no word tells anything by itself;
- no pair of the training part is in the validation or test part, so that no note tells what a new pair means.

A reader that leaves the articles aside is at an AUC of one half in the validation and test part.
"""

import numpy as np
import torch

from thesis_workloads.datasets.notes.clinical_notes import ClinicalNotes, LabelledNotes
from thesis_workloads.text.vocabulary import PADDING, Vocabulary

NUM_LABELS = 6
SIGNS = 2 * NUM_LABELS  # of each of the two kinds
NUM_ARTICLES = SIGNS**2
OTHER_WORDS = 20
WORDS_PER_NOTE = 6  # two signs and four others


def article_label_notes(*, seed: int = 0, notes_per_pair: int = 6, is_told: bool = True) -> ClinicalNotes:
    """Returns the set: 72 pairs to train on, 36 to validate and 36 to test, 144 articles, six labels.

    ``is_told=False`` gives the articles each other's titles at random: the same notes, of which the articles tell
    nothing.
    """
    draws = np.random.default_rng(seed)
    square = (np.arange(SIGNS)[:, None] + np.arange(SIGNS)) % SIGNS
    square = draws.permutation(draws.permutation(square, axis=0), axis=1)
    labels = square % NUM_LABELS
    is_trained = square < NUM_LABELS
    others = draws.permutation(np.argwhere(~is_trained))
    pairs = {"train": np.argwhere(is_trained), "val": others[::2], "test": others[1::2]}
    titles = labels.flatten()
    if not is_told:
        titles = np.random.default_rng((seed, 1)).permutation(titles)
    first, second = np.indices((SIGNS, SIGNS)).reshape(2, -1)
    words = [f"{kind}{number}" for kind in ("first", "second") for number in range(SIGNS)]
    words += [f"label{number}" for number in range(NUM_LABELS)]
    words += [f"other{number}" for number in range(OTHER_WORDS)]
    return ClinicalNotes(
        **{part: _notes(chosen, labels, notes_per_pair, draws) for part, chosen in pairs.items()},
        label_names=tuple(f"label{number}" for number in range(NUM_LABELS)),
        coverage=1.0,
        vocabulary=Vocabulary((PADDING, *words)),
        article_titles=tuple(f"label{number}" for number in titles),
        article_words=torch.from_numpy(np.stack((1 + first, 1 + SIGNS + second), 1)),
        title_words=torch.from_numpy(1 + 2 * SIGNS + titles)[:, None],
        # Many articles are about a label, and which of them a note needs is what is to be learned.
        article_of_label=torch.full((NUM_LABELS,), -1),
        name="article-labels",
        version="1",
        digest=f"article-labels-{seed}-{notes_per_pair}-{is_told}",
    )


def _notes(
    pairs: np.ndarray, labels: np.ndarray, notes_per_pair: int, draws: np.random.Generator
) -> LabelledNotes:
    chosen = np.repeat(pairs, notes_per_pair, axis=0)
    others = draws.integers(OTHER_WORDS, size=(len(chosen), WORDS_PER_NOTE - 2))
    words = np.concatenate(
        (1 + chosen[:, :1], 1 + SIGNS + chosen[:, 1:], 1 + 2 * SIGNS + NUM_LABELS + others), axis=1
    )
    targets = np.eye(NUM_LABELS, dtype=np.float32)[labels[chosen[:, 0], chosen[:, 1]]]
    return LabelledNotes(words=torch.from_numpy(words), labels=torch.from_numpy(targets))
