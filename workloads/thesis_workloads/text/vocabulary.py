"""A vocabulary: which words have a number, and texts as rows of numbers."""

import functools
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

PADDING = "<pad>"  # always number 0
UNKNOWN = "<unk>"


@dataclass(frozen=True)
class Vocabulary:
    """Words by number; the first ones are marks such as padding, not words of any text."""

    words: tuple[str, ...]

    def __len__(self) -> int:
        """Returns the number of words, marks included."""
        return len(self.words)

    @functools.cached_property
    def numbers(self) -> dict[str, int]:
        """Returns the number of every word."""
        return {word: number for number, word in enumerate(self.words)}

    @property
    def digest(self) -> str:
        """Returns 16 hex digits that tell this vocabulary from any other."""
        return hashlib.sha256("\n".join(self.words).encode()).hexdigest()[:16]


def build_vocabulary(
    counts: Mapping[str, int],
    *,
    max_words: int,
    marks: Sequence[str] = (PADDING,),
    min_count: int = 1,
) -> Vocabulary:
    """Returns the commonest words after the marks, ties in alphabetical order.

    ``max_words`` does not count the marks. Number 0 is padding.

    Raises:
        ValueError: if the first mark is not padding or there is room for no word.
    """
    if not marks or marks[0] != PADDING:
        raise ValueError(f"marks must begin with {PADDING!r}, got {marks=}")
    if max_words < 1:
        raise ValueError(f"max_words must be at least 1, got {max_words=}")
    common = sorted((-count, word) for word, count in counts.items() if count >= min_count)
    chosen = [word for _, word in common if word not in marks][:max_words]
    return Vocabulary((*marks, *chosen))


def numbers_of(words: Iterable[str], vocabulary: Vocabulary) -> list[int]:
    """Returns the words' numbers; words without one become the mark for unknown words, if it has one.

    A vocabulary without that mark drops them, as a bag of words does.
    """
    numbers = vocabulary.numbers
    unknown = numbers.get(UNKNOWN)
    if unknown is None:
        return [numbers[word] for word in words if word in numbers]
    return [numbers.get(word, unknown) for word in words]


def padded(rows: Sequence[Sequence[int]], *, width: int | None = None) -> Tensor:
    """Returns the rows as (N, L) int64, padded on the right with 0 and cut to ``width`` where given.

    L is the longest row after the cut, at least 1.
    """
    lengths = [len(row) if width is None else min(len(row), width) for row in rows]
    table = torch.zeros(len(rows), max(lengths, default=1) or 1, dtype=torch.int64)
    for number, (row, length) in enumerate(zip(rows, lengths, strict=True)):
        if length:
            table[number, :length] = torch.tensor(row[:length], dtype=torch.int64)
    return table
