"""A tiny set of notes: the words of a note are those of its diagnoses' articles."""

import pytest
import torch

from thesis_workloads.datasets.notes.clinical_notes import ClinicalNotes, LabelledNotes
from thesis_workloads.systems.condensed_memory.config import CondensedMemoryConfig
from thesis_workloads.text.vocabulary import PADDING, Vocabulary

NUM_LABELS, NUM_ARTICLES, WORDS_PER_ARTICLE = 6, 8, 4


def tiny_part(size, seed):
    draws = torch.Generator().manual_seed(seed)
    labels = (torch.rand(size, NUM_LABELS, generator=draws) < 0.3).float()
    labels[torch.arange(size), torch.arange(size) % NUM_LABELS] = 1.0
    words = torch.zeros(size, NUM_LABELS * 2, dtype=torch.int64)
    for row in range(size):
        found = []
        for label in labels[row].nonzero().flatten().tolist():
            picks = torch.randperm(WORDS_PER_ARTICLE, generator=draws)[:2]
            found += (1 + label * WORDS_PER_ARTICLE + picks).tolist()
        words[row, : len(found)] = torch.tensor(found)
    return LabelledNotes(words=words, labels=labels)


def make_data():
    num_words = NUM_ARTICLES * WORDS_PER_ARTICLE
    pages = torch.arange(1, num_words + 1).view(NUM_ARTICLES, WORDS_PER_ARTICLE)
    titles = torch.arange(num_words + 1, num_words + NUM_ARTICLES + 1)[:, None]
    words = tuple(f"w{number}" for number in range(num_words + NUM_ARTICLES))
    return ClinicalNotes(
        train=tiny_part(40, 0),
        val=tiny_part(24, 1),
        test=tiny_part(24, 2),
        label_names=tuple(f"disease {number}" for number in range(NUM_LABELS)),
        coverage=1.0,
        vocabulary=Vocabulary((PADDING, *words)),
        article_titles=tuple(f"disease {number}" for number in range(NUM_ARTICLES)),
        article_words=pages,
        title_words=titles,
        article_of_label=torch.arange(NUM_LABELS),
        name="tiny",
        version="1",
        digest="0",
    )


@pytest.fixture(scope="session")
def data():
    return make_data()


@pytest.fixture(scope="session")
def config():
    return CondensedMemoryConfig(
        num_labels=6,
        num_diseases=6,
        num_articles=8,
        embedding_dim=12,
        slot_dim=8,
        title_dim=5,
        gate_dim=4,
        epochs=3,
        batch_size=16,
        device="cpu",
    )
