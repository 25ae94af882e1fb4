"""Taking every mention of a diagnosis out of a note (section 8.3): notes are written after the diagnosis.

Works on words, so that case, line breaks and punctuation inside a phrase don't hide it. After the
removal no phrase is left, not even one that arose because words between its parts were taken out.
"""

import re
from collections.abc import Iterable, Sequence

from thesis_workloads.text.tokens import split_words, without_stop_words

_HEADED_DIAGNOSES = re.compile(
    r"^[ \t]*(?:(?:admitting|admission|discharge|final|principal|primary|secondary|other|associated|preoperative"
    r"|postoperative)[ \t/&]*(?:and[ \t]*)?)*diagnos[ie]s\b[^\n:]*:"
    r".*?(?=^[ \t]*(?!primary|secondary|principal|other)[A-Z][A-Za-z /&-]{2,50}:|\Z)",
    re.IGNORECASE | re.MULTILINE | re.DOTALL,
)
_VAGUE_START = re.compile(r"^(?:other and unspecified|other specified|unspecified|other)\s+", re.IGNORECASE)

Phrase = tuple[str, ...]


class Phrases:
    """Phrases to remove, ready to be looked for."""

    def __init__(self, phrases: Iterable[Phrase]) -> None:
        self._all = frozenset(phrase for phrase in phrases if phrase)
        by_first: dict[str, set[int]] = {}
        by_last: dict[str, set[int]] = {}
        for phrase in self._all:
            by_first.setdefault(phrase[0], set()).add(len(phrase))
            by_last.setdefault(phrase[-1], set()).add(len(phrase))
        self._from_first = {word: sorted(lengths, reverse=True) for word, lengths in by_first.items()}
        self._from_last = {word: sorted(lengths, reverse=True) for word, lengths in by_last.items()}

    def remove(self, words: Sequence[str]) -> list[str]:
        """Returns the words without any phrase: the longest first, then what that brought together."""
        return self._without_joined(self._without_longest(words))

    def _without_longest(self, words: Sequence[str]) -> list[str]:
        kept: list[str] = []
        at = 0
        while at < len(words):
            lengths = self._from_first.get(words[at], [])
            found = next((n for n in lengths if tuple(words[at : at + n]) in self._all), 0)
            if not found:
                kept.append(words[at])
            at += found or 1
        return kept

    def _without_joined(self, words: Sequence[str]) -> list[str]:
        # Nothing in `kept` is a phrase at any time: a phrase that a word completes goes at once.
        kept: list[str] = []
        for word in words:
            kept.append(word)
            for length in self._from_last.get(word, []):
                if tuple(kept[-length:]) in self._all:
                    del kept[-length:]
                    break
        return kept


def label_phrases(title: str) -> set[Phrase]:
    """Returns the ways in which a diagnosis is written: whole, before its first comma, without "other ...".

    Stop words are left out, as they are from the notes.
    """
    ways = [title, title.split(",")[0], title.split("(")[0]]
    ways += [_VAGUE_START.sub("", way) for way in ways]
    phrases = {tuple(without_stop_words(split_words(way))) for way in ways}
    return {phrase for phrase in phrases if phrase and phrase != ("unspecified",)}


def note_words(text: str) -> list[str]:
    """Returns a note's words without stop words and without its sections of diagnoses."""
    return without_stop_words(split_words(_HEADED_DIAGNOSES.sub(" ", text)))


def clean_words(text: str, phrases: Phrases) -> list[str]:
    """Returns a note's words without stop words, sections of diagnoses, and phrases."""
    return phrases.remove(note_words(text))
