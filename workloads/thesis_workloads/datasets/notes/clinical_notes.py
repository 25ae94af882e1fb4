"""Notes with several diagnoses each and the knowledge base to read them with, as rows of word numbers."""

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from thesis_workloads.datasets.notes.knowledge_base import Article, match_labels
from thesis_workloads.text.tokens import split_words, without_stop_words
from thesis_workloads.text.vocabulary import Vocabulary, build_vocabulary, numbers_of, padded


@dataclass(frozen=True, kw_only=True)
class NoteRecord:
    """One note before it is turned into numbers. Its words may be a patient's: never printed or stored."""

    patient: str  # notes of one patient fall into one part
    words: Sequence[str]  # lower case, without stop words, without any label
    diagnoses: frozenset[str]  # names of diagnoses

    def __repr__(self) -> str:
        """Returns the counts only, so that no traceback or log can show a note."""
        return f"NoteRecord({len(self.words)} words, {len(self.diagnoses)} diagnoses)"


@dataclass(frozen=True, kw_only=True)
class LabelledNotes:
    """One part of a set."""

    words: Tensor  # (N, L) int64, 0 is padding
    labels: Tensor  # (N, R) float32, 1 where the note has the diagnosis

    def __len__(self) -> int:
        """Returns N."""
        return len(self.words)


@dataclass(frozen=True, kw_only=True)
class ClinicalNotes:
    """Three parts, the labels and the articles. Words of notes are here as numbers only."""

    train: LabelledNotes
    val: LabelledNotes
    test: LabelledNotes
    label_names: tuple[str, ...]  # R, commonest first
    coverage: float  # share of all notes with at least one of the labels
    vocabulary: Vocabulary
    article_titles: tuple[str, ...]  # M
    article_words: Tensor  # (M, L) int64, 0 is padding
    title_words: Tensor  # (M, L) int64, 0 is padding
    article_of_label: Tensor  # (R,) int64, -1 where no article matches
    name: str
    version: str
    digest: str  # 16 hex digits over all words, labels and articles
    folder: Path | None = None  # data folder that it was read with


@dataclass(frozen=True, kw_only=True)
class Parts:
    """Notes by part, in the order they were read."""

    train: Sequence[NoteRecord]
    val: Sequence[NoteRecord]
    test: Sequence[NoteRecord]

    def all(self) -> list[NoteRecord]:
        """Returns the notes of the three parts."""
        return [*self.train, *self.val, *self.test]


def part_of(patient: str) -> str:
    """Returns train (80%), val (10%) or test (10%), by the patient's name alone (section 8.5.1)."""
    digest = hashlib.blake2b(f"part {patient}".encode(), digest_size=8).digest()
    share = int.from_bytes(digest, "big") / 2**64
    return "train" if share < 0.8 else "val" if share < 0.9 else "test"


def split_by_patient(notes: Sequence[NoteRecord]) -> Parts:
    """Returns the notes in parts so that no patient is in two of them."""
    parts: dict[str, list[NoteRecord]] = {"train": [], "val": [], "test": []}
    for note in notes:
        parts[part_of(note.patient)].append(note)
    return Parts(**parts)


def commonest_diagnoses(notes: Sequence[NoteRecord], *, num_labels: int) -> tuple[str, ...]:
    """Returns the diagnoses of most notes, ties in alphabetical order; fewer where there are no more."""
    counts = Counter(diagnosis for note in notes for diagnosis in note.diagnoses)
    ordered = sorted(counts, key=lambda diagnosis: (-counts[diagnosis], diagnosis))
    return tuple(ordered[:num_labels])


def assemble(
    parts: Parts,
    articles: Sequence[Article],
    *,
    label_names: tuple[str, ...],
    vocabulary_size: int,
    max_words: int,
    name: str,
    version: str,
) -> ClinicalNotes:
    """Returns notes and articles as numbers, with a vocabulary of training notes and articles.

    Notes and articles are cut to ``max_words``. Notes that have none of the labels are left out of all
    parts, and counted in ``coverage``.

    Raises:
        ValueError: if a part is left without a note or there are fewer than two labels.
    """
    if len(label_names) < 2:
        raise ValueError(f"label_names must hold at least two diagnoses, got {len(label_names)=}")
    wanted = frozenset(label_names)
    kept = {
        part: [note for note in notes if note.diagnoses & wanted]
        for part, notes in (("train", parts.train), ("val", parts.val), ("test", parts.test))
    }
    for part, notes in kept.items():
        if not notes:
            raise ValueError(f"the {part} part must hold notes with one of the labels, got none")
    pages = [without_stop_words(split_words(article.text))[:max_words] for article in articles]
    titles = [without_stop_words(split_words(article.title)) for article in articles]
    counts = Counter(word for note in kept["train"] for word in note.words[:max_words])
    for words in (*pages, *titles):
        counts.update(words)
    vocabulary = build_vocabulary(counts, max_words=vocabulary_size)
    tables = {part: _numbered(notes, label_names, vocabulary, max_words) for part, notes in kept.items()}
    article_words = padded([numbers_of(page, vocabulary) for page in pages])
    title_words = padded([numbers_of(title, vocabulary) for title in titles])
    article_of_label = torch.tensor(match_labels(label_names, articles))
    return ClinicalNotes(
        train=tables["train"],
        val=tables["val"],
        test=tables["test"],
        label_names=label_names,
        coverage=sum(len(notes) for notes in kept.values()) / max(1, len(parts.all())),
        vocabulary=vocabulary,
        article_titles=tuple(article.title for article in articles),
        article_words=article_words,
        title_words=title_words,
        article_of_label=article_of_label,
        name=name,
        version=version,
        digest=_digest(tables, vocabulary, (article_words, title_words, article_of_label)),
    )


def _numbered(
    notes: Sequence[NoteRecord], label_names: tuple[str, ...], vocabulary: Vocabulary, max_words: int
) -> LabelledNotes:
    column = {name: number for number, name in enumerate(label_names)}
    labels = torch.zeros(len(notes), len(label_names))
    for row, note in enumerate(notes):
        for diagnosis in note.diagnoses & column.keys():
            labels[row, column[diagnosis]] = 1.0
    rows = [numbers_of(note.words[:max_words], vocabulary) for note in notes]
    return LabelledNotes(words=padded(rows), labels=labels)


def _digest(tables: dict[str, LabelledNotes], vocabulary: Vocabulary, rest: Sequence[Tensor]) -> str:
    total = hashlib.sha256(vocabulary.digest.encode())
    for part in tables.values():
        for tensor in (part.words, part.labels):
            total.update(repr(tuple(tensor.shape)).encode())
            total.update(np.ascontiguousarray(tensor.numpy()).tobytes())
    for tensor in rest:
        total.update(np.ascontiguousarray(tensor.numpy()).tobytes())
    return total.hexdigest()[:16]
