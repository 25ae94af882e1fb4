"""The notes, labels and articles that a configuration names."""

import dataclasses
from collections.abc import Iterable
from pathlib import Path

from thesis_workloads.datasets.notes.clinical_notes import (
    ClinicalNotes,
    assemble,
    commonest_diagnoses,
    split_by_patient,
)
from thesis_workloads.datasets.notes.discharge_notes import NoteRow
from thesis_workloads.datasets.notes.disease_knowledge import read_disease_knowledge
from thesis_workloads.datasets.notes.generated_notes import generate
from thesis_workloads.datasets.notes.mimic import load_mimic
from thesis_workloads.systems.condensed_memory.config import CondensedMemoryConfig

DATA_FIELDS = (
    "data",
    "num_labels",
    "num_notes",
    "num_diseases",
    "num_articles",
    "max_words",
    "vocabulary_size",
)
"""Settings that the data depend on."""

NOTES_SEED = 0  # of the generated notes: fixed, so that trials with different seeds compare on the same notes
CACHE_FOLDER = "condensed-memory-cache"


def load(
    config: CondensedMemoryConfig, data_dir: Path | None, *, prepared: Iterable[NoteRow] | None = None
) -> ClinicalNotes:
    """Returns the data of a configuration.

    ``prepared`` are MIMIC-III's discharge summaries where they have been read before.

    Raises:
        DatasetMissing: if its files or package are not here, with what to do.
        DatasetDamaged: if a file is not what it should be.
        ValueError: if the sizes don't fit.
    """
    if config.data == "mimic":
        found = load_mimic(
            data_dir,
            num_labels=config.num_labels,
            vocabulary_size=config.vocabulary_size,
            max_words=config.max_words,
            prepared=prepared,
        )
    else:
        found = load_phenotypes(config, data_dir)
    return dataclasses.replace(found, folder=data_dir)


def load_phenotypes(config: CondensedMemoryConfig, data_dir: Path | None) -> ClinicalNotes:
    """Returns generated notes about the diseases of the installed knowledge base.

    Raises:
        DatasetMissing: if the package that carries it is not installed.
        ValueError: if the sizes don't fit.
    """
    knowledge = read_disease_knowledge(cache_dir=data_dir / CACHE_FOLDER if data_dir else None)
    made = generate(
        knowledge,
        num_notes=config.num_notes,
        num_diseases=config.num_diseases,
        num_articles=config.num_articles,
        seed=NOTES_SEED,
    )
    parts = split_by_patient(made.notes)
    return assemble(
        parts,
        made.articles,
        label_names=commonest_diagnoses(parts.train, num_labels=config.num_labels),
        vocabulary_size=config.vocabulary_size,
        max_words=config.max_words,
        name="phenotypes",
        version=knowledge.version,
    )
