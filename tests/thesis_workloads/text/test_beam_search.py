"""Beam search equals exhaustive search where the beam holds everything, and a plain loop everywhere."""

import itertools
import math

import pytest
import torch

from thesis_workloads.text.beam_search import beam_search

END, MAX_LENGTH, NUM_WORDS = 1, 3, 4


class TableDecoder:
    """Probabilities of the next word given sentence and the whole prefix, from a table drawn once."""

    def __init__(self, sentences, *, seed=0, num_words=NUM_WORDS, sharpness=2.0):
        self.seed, self.num_words, self.sharpness = seed, num_words, sharpness
        self.start = torch.arange(sentences)[:, None]
        self.calls = []

    def logits(self, row):
        draws = torch.Generator().manual_seed(hash((self.seed, tuple(row))) % 2**31)
        return self.sharpness * torch.randn(self.num_words, generator=draws)

    def step(self, tokens, state):
        state = torch.cat((state, tokens[:, None]), 1)
        self.calls.append(len(tokens))
        return torch.stack([self.logits(row) for row in state.tolist()]), state

    def select(self, state, rows):
        return state[rows]


def log_probability(decoder, sentence, words):
    total, row = 0.0, [sentence, END]
    for word in (*words, END):
        total += decoder.logits(row).log_softmax(0)[word].item()
        row.append(word)
    return total


def exhaustive(decoder, sentence, *, length_penalty=0.0):
    words = [word for word in range(decoder.num_words) if word != END]
    every = [seq for size in range(MAX_LENGTH + 1) for seq in itertools.product(words, repeat=size)]
    scored = [(log_probability(decoder, sentence, s) / (len(s) + 1) ** length_penalty, s) for s in every]
    return sorted(scored, reverse=True)


def plain_loop(decoder, sentence, *, beam, num_best, length_penalty=0.0):
    """One sentence, one hypothesis at a time, to the last step."""
    live, done = [(0.0, ())], []
    for step in range(MAX_LENGTH + 1):
        grown = []
        for score, words in live:
            logs = decoder.logits([sentence, END, *words]).log_softmax(0).tolist()
            allowed = [END] if step == MAX_LENGTH else range(decoder.num_words)
            grown += [(score + logs[word], (*words, word)) for word in allowed]
        grown = sorted(grown, reverse=True)[:beam]
        done += [(s / len(w) ** length_penalty, w[:-1]) for s, w in grown if w[-1] == END]
        live = [(s, w) for s, w in grown if w[-1] != END]
    return sorted(done, reverse=True)[:num_best]


def search(decoder, sentences, **options):
    return beam_search(
        decoder,
        decoder.start,
        num_sentences=sentences,
        **{"max_length": MAX_LENGTH, "start": END, "end": END, **options},
    )


def outputs(found, sentence):
    rows = zip(
        found.scores[sentence].tolist(),
        found.tokens[sentence].tolist(),
        found.lengths[sentence].tolist(),
        strict=True,
    )
    return [(score, tuple(tokens[:length])) for score, tokens, length in rows]


@pytest.mark.parametrize("length_penalty", [0.0, 1.0])
def test_a_beam_that_holds_everything_finds_what_exhaustive_search_finds(length_penalty):
    decoder = TableDecoder(5)
    found = search(decoder, 5, beam=60, num_best=40, length_penalty=length_penalty)
    for sentence in range(5):
        expected = exhaustive(decoder, sentence, length_penalty=length_penalty)
        got = outputs(found, sentence)
        assert [words for _, words in got] == [words for _, words in expected]
        assert [score for score, _ in got] == pytest.approx([score for score, _ in expected], abs=1e-5)


@pytest.mark.parametrize(("beam", "num_best"), [(1, 1), (2, 1), (3, 3), (5, 2)])
@pytest.mark.parametrize("length_penalty", [0.0, 0.7])
def test_every_beam_finds_what_a_loop_over_sentences_finds(beam, num_best, length_penalty):
    decoder = TableDecoder(40, seed=beam)
    found = search(decoder, 40, beam=beam, num_best=num_best, length_penalty=length_penalty)
    for sentence in range(40):
        expected = plain_loop(decoder, sentence, beam=beam, num_best=num_best, length_penalty=length_penalty)
        got = [row for row in outputs(found, sentence) if row[0] > -math.inf]
        assert [words for _, words in got] == [words for _, words in expected]


def test_beam_one_is_greedy_search():
    decoder = TableDecoder(20)
    found = search(decoder, 20, beam=1)
    for sentence in range(20):
        row = [sentence, END]
        while len(row) - 2 < MAX_LENGTH:
            word = int(decoder.logits(row).argmax())
            if word == END:
                break
            row.append(word)
        assert outputs(found, sentence)[0][1] == tuple(row[2:])


def test_hypotheses_that_can_no_longer_win_are_not_computed():
    decoder = TableDecoder(60, sharpness=6.0)
    search(decoder, 60, beam=3)
    assert decoder.calls[0] == 60
    assert decoder.calls[1] < 3 * 60
    assert decoder.calls[-1] < 60


def test_a_sentence_gives_the_same_alone_and_in_company():
    decoder = TableDecoder(12)
    together = search(decoder, 12, beam=3)
    decoder.start = torch.tensor([[7]])
    alone = search(decoder, 1, beam=3)
    assert torch.equal(alone.tokens[0], together.tokens[7])


def test_a_forbidden_word_is_never_put_out():
    decoder = TableDecoder(30)
    found = search(decoder, 30, beam=3, never=(2,))
    assert not (found.tokens == 2).any()


def test_no_output_is_longer_than_allowed():
    found = search(TableDecoder(30), 30, beam=2, max_length=2)
    assert found.tokens.shape == (30, 1, 2)
    assert (found.scores > -math.inf).all()


def test_more_outputs_than_the_beam_are_refused():
    with pytest.raises(ValueError, match="num_best=3"):
        search(TableDecoder(1), 1, beam=2, num_best=3)
