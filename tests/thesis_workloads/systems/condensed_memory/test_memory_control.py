"""A positive control: where only the articles tell the labels, reading them must help."""

import numpy as np
import pytest
from article_labels import NUM_LABELS, SIGNS, article_label_notes

from thesis_workloads.contract.reporter import MemoryReporter
from thesis_workloads.systems.condensed_memory.config import CondensedMemoryConfig
from thesis_workloads.systems.condensed_memory.train import train

CONFIG = CondensedMemoryConfig(
    hops=3,
    num_labels=6,
    num_diseases=6,
    num_articles=144,
    hash_keys=4,
    embedding_dim=24,
    slot_dim=24,
    title_dim=12,
    gate_dim=8,
    dropout=0.0,
    slot_loss_weight=0.0,
    batch_size=24,
    learning_rate=0.01,
    epochs=12,
    device="cpu",
)


def signs_of(part):
    return part.words[:, 0].numpy() - 1, part.words[:, 1].numpy() - 1 - SIGNS


def test_every_sign_of_the_training_part_goes_with_every_label_equally_often():
    part = article_label_notes().train
    labels = part.labels.argmax(1).numpy()
    for signs in signs_of(part):
        table = np.zeros((SIGNS, NUM_LABELS))
        np.add.at(table, (signs, labels), 1)
        assert len(np.unique(table)) == 1


def test_no_pair_of_signs_is_in_two_parts_and_every_sign_is_trained_on():
    data = article_label_notes()
    pairs = [
        set(zip(*(s.tolist() for s in signs_of(part)), strict=True))
        for part in (data.train, data.val, data.test)
    ]
    assert [len(found) for found in pairs] == [72, 36, 36]
    assert len(set.union(*pairs)) == 144
    assert all(len(np.unique(signs)) == SIGNS for signs in signs_of(data.train))


def test_the_articles_tell_the_label_of_every_pair_unless_their_titles_are_exchanged():
    data = article_label_notes()
    told = {
        tuple(words.tolist()): title
        for words, title in zip(data.article_words, data.article_titles, strict=True)
    }
    for part in (data.train, data.val, data.test):
        for words, label in zip(part.words, part.labels, strict=True):
            assert told[tuple(words[:2].tolist())] == data.label_names[int(label.argmax())]
    exchanged = article_label_notes(is_told=False)
    assert sorted(exchanged.article_titles) == sorted(data.article_titles)
    assert sum(map(str.__eq__, exchanged.article_titles, data.article_titles)) < 0.4 * 144


@pytest.mark.parametrize("is_told", [True, False])
def test_reading_finds_labels_that_only_the_articles_tell_and_nothing_where_they_tell_nothing(is_told):
    reporter = MemoryReporter(keep_state=False)
    train(CONFIG, article_label_notes(is_told=is_told), reporter)
    area = reporter.rows[-1]["test/auc"]
    assert area > 0.95 if is_told else area < 0.6
