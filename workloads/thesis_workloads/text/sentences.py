"""Many sentences of numbers in two tensors, so that a batch is cut out without a loop over sentences."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor


@dataclass(frozen=True)
class Sentences:
    """Sentences one behind the other; sentence i is ``tokens[starts[i]:starts[i + 1]]``."""

    tokens: Tensor  # (T,) int64
    starts: Tensor  # (N + 1,) int64, the first is 0 and the last T

    def __len__(self) -> int:
        """Returns N."""
        return len(self.starts) - 1

    @property
    def lengths(self) -> Tensor:
        """Returns the words of every sentence, (N,) int64."""
        return self.starts.diff()


def join(rows: Iterable[Sequence[int]]) -> Sentences:
    """Returns the rows of numbers as sentences."""
    lists = list(rows)
    starts = np.zeros(len(lists) + 1, dtype=np.int64)
    np.cumsum([len(row) for row in lists], out=starts[1:])
    total = int(starts[-1])
    tokens = np.fromiter((number for row in lists for number in row), dtype=np.int64, count=total)
    return Sentences(tokens=torch.from_numpy(tokens), starts=torch.from_numpy(starts))


def padded_rows(sentences: Sentences, chosen: Tensor, *, padding: int = 0) -> tuple[Tensor, Tensor]:
    """Returns the chosen sentences (B,) as (B, L), padded on the right, and their lengths (B,).

    L is the longest of them, at least 1.
    """
    starts = sentences.starts[chosen]
    lengths = sentences.starts[chosen + 1] - starts
    width = max(int(lengths.max()), 1) if len(chosen) else 1
    steps = torch.arange(width)
    is_word = steps < lengths[:, None]
    if len(sentences.tokens) == 0:
        return torch.full((len(chosen), width), padding), lengths
    places = (starts[:, None] + steps).clamp(max=len(sentences.tokens) - 1)
    return torch.where(is_word, sentences.tokens[places], padding), lengths


def subset(sentences: Sentences, chosen: Tensor) -> Sentences:
    """Returns the chosen sentences in the given order."""
    table, lengths = padded_rows(sentences, chosen)
    is_word = torch.arange(table.shape[1]) < lengths[:, None]
    starts = torch.cat((torch.zeros(1, dtype=torch.int64), lengths.cumsum(0)))
    return Sentences(tokens=table[is_word], starts=starts)
