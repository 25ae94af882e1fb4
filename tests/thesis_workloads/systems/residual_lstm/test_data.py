import pytest

from thesis_workloads.systems.residual_lstm.config import ResidualLSTMConfig
from thesis_workloads.systems.residual_lstm.data import MARKS, load, number_pairs
from thesis_workloads.systems.residual_lstm.model import END, PAD, UNK
from thesis_workloads.text.vocabulary import Vocabulary


@pytest.fixture(scope="module")
def verses():
    config = ResidualLSTMConfig(max_length=12, num_train=300, num_val=50, num_test=40, vocabulary=100)
    return load(config, None)


def test_the_marks_have_the_numbers_that_the_model_expects():
    assert [MARKS[number] for number in (PAD, END, UNK)] == ["<pad>", "<eos>", "<unk>"]


def test_words_outside_the_vocabulary_become_unknown():
    pairs = number_pairs([("a b", "c a")], Vocabulary((*MARKS, "a", "c")))
    assert pairs.sources.tokens.tolist() == [3, UNK]
    assert pairs.targets.tokens.tolist() == [4, 3]


def test_the_vocabulary_is_cut_and_the_parts_have_their_sizes(verses):
    assert len(verses.vocabulary) == 103
    assert (len(verses.train), len(verses.val), len(verses.test)) == (300, 50, 40)


def test_no_sentence_is_longer_than_allowed(verses):
    assert int(verses.train.sources.lengths.max()) <= 12
    assert int(verses.test.targets.lengths.max()) <= 12


def test_every_test_source_has_its_first_reference_and_the_others(verses):
    assert len(verses.test_groups) == 40
    assert all(len(group) >= 2 for group in verses.test_groups)
