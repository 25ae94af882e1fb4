import torch

from thesis_workloads.systems.condensed_memory.retrieval import KeyIndex

PAGES = torch.tensor([[1, 2, 0], [2, 3, 0], [4, 5, 6], [2, 4, 0]])


def test_the_article_with_the_rarest_shared_words_comes_first():
    index = KeyIndex(PAGES, vocabulary_size=8)
    assert index.retrieve(torch.tensor([[2, 3]]), num_slots=3).tolist() == [[1, 0, 3]]


def test_places_left_over_are_marked():
    index = KeyIndex(PAGES, vocabulary_size=8)
    assert index.retrieve(torch.tensor([[6, 0], [7, 0]]), num_slots=2).tolist() == [[2, -1], [-1, -1]]


def test_how_often_a_word_is_said_does_not_matter():
    index = KeyIndex(PAGES, vocabulary_size=8)
    once, often = torch.tensor([[2, 5, 0, 0]]), torch.tensor([[2, 2, 2, 5]])
    assert torch.equal(index.retrieve(once, num_slots=4), index.retrieve(often, num_slots=4))


def test_many_notes_in_chunks_are_what_single_notes_are():
    draws = torch.Generator().manual_seed(0)
    pages = torch.randint(0, 50, (40, 12), generator=draws)
    notes = torch.randint(0, 50, (700, 9), generator=draws)
    index = KeyIndex(pages, vocabulary_size=50)
    together = index.retrieve(notes, num_slots=5)
    alone = torch.cat([index.retrieve(note[None], num_slots=5) for note in notes[500:530]])
    assert torch.equal(together[500:530], alone)


def test_no_more_slots_than_articles():
    assert KeyIndex(PAGES, vocabulary_size=8).retrieve(torch.tensor([[2]]), num_slots=99).shape == (1, 4)
