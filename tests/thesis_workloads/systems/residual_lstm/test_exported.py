"""The graph for others gives the paraphrases of greedy search and can be traced."""

import pytest
import torch

from thesis_workloads.systems.residual_lstm.exported import GreedyParaphrase
from thesis_workloads.systems.residual_lstm.generate import generate
from thesis_workloads.systems.residual_lstm.model import build_paraphraser
from thesis_workloads.text.sentences import join, padded_rows

MODELS = ["seq2seq", "attention", "bidirectional", "residual"]
SOURCES = [[5, 6, 7], [8], [9, 3, 4, 5, 6], [7, 7], [4, 8, 3, 9], [6]]


def module(model):
    network = build_paraphraser(
        model, num_words=11, width=12, num_layers=4, residual_step=2, dropout=0.5, init_range=1.0, seed=4
    )
    return GreedyParaphrase(network, max_length=6).eval()


@pytest.mark.parametrize("model", MODELS)
def test_it_gives_what_greedy_search_gives(model):
    built = module(model)
    rows, _ = padded_rows(join(SOURCES), torch.arange(len(SOURCES)))
    expected = generate(built.network, join(SOURCES), beam=1, max_length=6)
    assert torch.equal(built(rows), expected.tokens[:, 0])


@pytest.mark.filterwarnings("ignore:The tensor attributes")  # nn.LSTM lists its weights a second time
@pytest.mark.parametrize("model", ["attention", "bidirectional"])
def test_a_trace_gives_the_same(model):
    built = module(model)
    rows, _ = padded_rows(join(SOURCES), torch.arange(len(SOURCES)))
    traced = torch.export.export(built, (rows,))
    assert torch.equal(traced.module()(rows), built(rows))
