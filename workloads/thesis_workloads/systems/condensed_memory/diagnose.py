"""One note read by a trained network: its likely diagnoses, and which articles every hop read."""

from dataclasses import dataclass

import torch

from thesis_workloads.datasets.notes.clinical_notes import ClinicalNotes
from thesis_workloads.datasets.notes.label_removal import Phrases, clean_words, label_phrases
from thesis_workloads.systems.condensed_memory.model import MemoryNetwork
from thesis_workloads.systems.condensed_memory.retrieval import NO_SLOT
from thesis_workloads.text.vocabulary import numbers_of, padded


@dataclass(frozen=True)
class Prediction:
    """A diagnosis and its probability, 0..1."""

    label: str
    probability: float


@dataclass(frozen=True)
class NoteReading:
    """An article and the weight it was read with, 0..1."""

    title: str
    weight: float


@dataclass(frozen=True, kw_only=True)
class Diagnosis:
    """What a network makes of a note. Holds no word of it."""

    predictions: tuple[Prediction, ...]  # likeliest first
    hops: tuple[tuple[NoteReading, ...], ...]  # of each hop, the articles read most
    num_words: int  # of the note, without function words and mentions of diagnoses
    num_known: int  # of these, the words that the network knows


def diagnose(
    network: MemoryNetwork, data: ClinicalNotes, text: str, *, max_words: int, top: int = 5
) -> Diagnosis:
    """Returns the ``top`` likeliest diagnoses of a note, and as many articles of every hop.

    Mentions of the diagnoses are taken out first, as they were from the notes it was trained on.

    Raises:
        ValueError: if the network knows no word of the note, or ``top`` is below 1.
    """
    if top < 1:
        raise ValueError(f"top must be at least 1, got {top=}")
    phrases = Phrases(phrase for name in data.label_names for phrase in label_phrases(name))
    words = clean_words(text, phrases)[:max_words]
    numbers = numbers_of(words, data.vocabulary)
    if not numbers:
        raise ValueError(
            f"the note must hold words that the network knows, got none among {len(words)} words"
        )
    with torch.inference_mode():
        trace = network.eval().trace(padded([numbers]))
    titles = data.article_titles
    slots = list(range(len(titles))) if trace.slots is None else trace.slots[0].tolist()
    return Diagnosis(
        predictions=tuple(
            Prediction(data.label_names[place], share)
            for place, share in _largest(trace.logits[0].sigmoid(), top)
        ),
        hops=tuple(
            tuple(
                NoteReading(titles[slots[place]], weight)
                for place, weight in _largest(weights[0], top)
                if slots[place] != NO_SLOT
            )
            for weights in trace.weights
        ),
        num_words=len(words),
        num_known=len(numbers),
    )


def _largest(values: torch.Tensor, top: int) -> list[tuple[int, float]]:
    best = values.argsort(dim=0, descending=True, stable=True)[:top].tolist()
    return [(place, float(values[place])) for place in best]
