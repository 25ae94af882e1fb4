"""Batched generation gives every sentence what it gets alone, one hypothesis at a time."""

import pytest
import torch

from thesis_workloads.systems.residual_lstm.generate import as_words, generate
from thesis_workloads.systems.residual_lstm.model import END, PAD, UNK, build_paraphraser
from thesis_workloads.text.sentences import join, padded_rows

MODELS = ["seq2seq", "attention", "bidirectional", "residual"]
SOURCES = [[5, 6, 7], [8], [9, 3, 4, 5, 6], [7, 7], [4, 8, 3, 9], [6]]


def network(model):
    return build_paraphraser(
        model, num_words=11, width=12, num_layers=2, residual_step=2, dropout=0.5, init_range=1.0, seed=4
    )


def one_by_one(built, source, *, beam, max_length):
    """Beam search by the definition: lists of hypotheses, the whole prefix again at every step."""
    built.eval()
    live, done = [(0.0, [])], []
    for step in range(max_length + 1):
        grown = []
        for score, words in live:
            previous = torch.tensor([[END, *words]])
            logits = built(torch.tensor([source]), torch.tensor([len(source)]), previous)[0, -1]
            logs = logits.log_softmax(-1).tolist()
            allowed = [END] if step == max_length else [w for w in range(len(logs)) if w != PAD]
            grown += [(score + logs[word], [*words, word]) for word in allowed]
        grown = sorted(grown, reverse=True)[:beam]
        done += [(score, words[:-1]) for score, words in grown if words[-1] == END]
        live = [(score, words) for score, words in grown if words[-1] != END]
    return max(done)


@pytest.mark.parametrize("beam", [1, 4])
@pytest.mark.parametrize("model", MODELS)
def test_a_batch_gives_what_a_loop_over_sentences_and_hypotheses_gives(model, beam):
    built = network(model)
    found = generate(built, join(SOURCES), beam=beam, max_length=5)
    for row, source in enumerate(SOURCES):
        with torch.no_grad():
            score, words = one_by_one(built, source, beam=beam, max_length=5)
        assert found.tokens[row, 0, : found.lengths[row, 0]].tolist() == words
        assert float(found.scores[row, 0]) == pytest.approx(score, abs=1e-4)


def test_scores_are_the_log_probabilities_of_teacher_forcing():
    built = network("residual").eval()
    found = generate(built, join(SOURCES), beam=3, max_length=5, num_best=3)
    rows, lengths = padded_rows(join(SOURCES), torch.tensor([2]))
    for place in range(3):
        words = found.tokens[2, place, : found.lengths[2, place]].tolist()
        logs = built(rows, lengths, torch.tensor([[END, *words]]))[0].log_softmax(-1)
        expected = sum(float(logs[i, word].detach()) for i, word in enumerate([*words, END]))
        assert float(found.scores[2, place]) == pytest.approx(expected, abs=1e-4)


def test_generation_leaves_the_network_in_its_mode():
    built = network("residual").train()
    generate(built, join(SOURCES), beam=2, max_length=3)
    assert built.training


def test_unknown_words_are_left_out_where_asked():
    found = generate(network("seq2seq"), join(SOURCES * 5), beam=3, max_length=5, with_unknown=False)
    assert not (found.tokens == UNK).any()


def test_texts_are_the_words_best_first():
    found = generate(network("seq2seq"), join(SOURCES), beam=3, max_length=4, num_best=3)
    words = [f"w{number}" for number in range(11)]
    texts = as_words(found, words)
    assert texts[0][0].split() == [f"w{number}" for number in found.tokens[0, 0, : found.lengths[0, 0]]]
    assert all(len(set(each)) == len(each) for each in texts)
