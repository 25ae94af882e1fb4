"""Training reports every epoch, learns, and resumes at any epoch with the same numbers."""

import dataclasses

import numpy as np
import pytest
import torch

from thesis_workloads.contract.reporter import MemoryReporter
from thesis_workloads.systems.residual_lstm.epoch import summed_loss, train_epoch
from thesis_workloads.systems.residual_lstm.evaluate import decode_and_score, make_metrics
from thesis_workloads.systems.residual_lstm.train import build, learning_rate_at, load_model, train

CPU = torch.device("cpu")


@pytest.fixture(autouse=True)
def few_dimensions(monkeypatch):
    """The toy task has fewer words than learned word vectors have dimensions."""
    from thesis_workloads.metrics import embedding_similarity
    from thesis_workloads.systems.residual_lstm import evaluate

    def learn(texts):
        return embedding_similarity.learn_word_vectors(texts, dimensions=4)

    monkeypatch.setattr(evaluate, "learn_word_vectors", learn)


class SavingReporter(MemoryReporter):
    """Keeps the state after every epoch, through a file that holds tensors and plain values only."""

    def __init__(self, folder, start=None):
        super().__init__(start=start)
        self.folder = folder
        self.states = []

    def report(self, metrics, *, state=None):
        super().report(metrics, state=state)
        torch.save(self.state, self.folder / "state.pt")
        self.states.append(torch.load(self.folder / "state.pt", weights_only=True))


def numbers(rows):
    return [{key: value for key, value in row.items() if not key.startswith("time/")} for row in rows]


def test_every_epoch_is_reported_once_and_the_test_part_with_the_last(toy_config, toy_data):
    reporter = MemoryReporter()
    train(toy_config, toy_data, reporter)
    assert [row["epoch"] for row in reporter.rows] == [1, 2, 3]
    assert [any(key.startswith("test/") for key in row) for row in reporter.rows] == [False, False, True]


def test_the_last_report_holds_every_score_of_the_text(toy_config, toy_data):
    reporter = MemoryReporter()
    train(toy_config, toy_data, reporter)
    assert {"test/bleu", "test/meteor", "test/emb_greedy", "test/ter", "test/perplexity"} <= set(
        reporter.rows[-1]
    )


def test_a_second_beam_gives_the_scores_of_a_run_that_has_it_alone(toy_config, toy_data):
    reporters = [MemoryReporter() for _ in range(2)]
    train(dataclasses.replace(toy_config, beam=1, second_beam=3), toy_data, reporters[0])
    train(dataclasses.replace(toy_config, beam=3), toy_data, reporters[1])
    both, alone = (reporter.rows[-1] for reporter in reporters)
    for key in ("bleu", "meteor", "emb_greedy", "ter"):
        assert both[f"test/{key}_beam_3"] == alone[f"test/{key}"]


def test_the_last_state_holds_the_statistics_that_the_scores_are_made_of(tmp_path, toy_config, toy_data):
    reporter = SavingReporter(tmp_path)
    train(toy_config, toy_data, reporter)
    assert [len(state["statistics"]) for state in reporter.states] == [0, 0, 4]
    for key, metric in make_metrics(toy_data).items():
        sums = reporter.states[-1]["statistics"][key].sum(0).numpy()
        assert float(metric.score(sums)) == pytest.approx(reporter.rows[-1][f"test/{key}"])


def test_the_variance_is_that_of_resampled_test_sets(toy_config, toy_data):
    reporter = MemoryReporter()
    train(toy_config, toy_data, reporter)
    table = reporter.state["statistics"]["ter"].numpy()
    draws = np.random.default_rng(11).integers(len(table), size=(2000, len(table)))
    scores = [100 * part[:, 0].sum() / part[:, 1].sum() for part in table[draws]]
    assert reporter.rows[-1]["test/ter_variance"] == pytest.approx(np.var(scores), rel=0.2)


def test_the_rate_is_halved_after_every_third_epoch():
    rates = [learning_rate_at(epoch, learning_rate=1.0, halve_every=3) for epoch in range(7)]
    assert rates == [1.0, 1.0, 1.0, 0.5, 0.5, 0.5, 0.25]


@pytest.mark.parametrize("num_layers", [2, 4])
@pytest.mark.parametrize("model", ["seq2seq", "attention", "bidirectional", "residual"])
def test_every_model_learns_a_small_batch_by_heart(toy_config, toy_data, model, num_layers):
    config = dataclasses.replace(toy_config, model=model, num_layers=num_layers, hidden=24)
    network = build(config, num_words=len(toy_data.vocabulary))
    optimizer = torch.optim.SGD(network.parameters(), lr=1.0)
    batch = torch.arange(4)
    for _ in range(10):  # with attention the loss rests at a plateau for most of the first 250 steps
        train_epoch(network, optimizer, toy_data.train, batches=[batch] * 40, clip_norm=5.0, device=CPU)
        loss, words = summed_loss(network, toy_data.train, batch, device=CPU)
        if float(loss.detach() / words) < 0.05:
            break
    assert float(loss.detach() / words) < 0.05


@pytest.mark.parametrize(
    "changes",
    [
        {"dropout": 0.5, "dropout_position": "after-sum"},
        {"dropout": 0.5, "dropout_position": "before-sum"},
        {"model": "attention", "dropout": 0.3, "halve_every": 1},
        {"model": "bidirectional", "num_layers": 2},
    ],
)
def test_a_run_resumed_at_any_epoch_gives_the_same_numbers_bit_for_bit(
    tmp_path, toy_config, toy_data, changes
):
    config = dataclasses.replace(toy_config, **changes)
    whole = SavingReporter(tmp_path)
    expected = train(config, toy_data, whole).state_dict()
    for epoch, state in enumerate(whole.states, start=1):
        rest = MemoryReporter(start=state)
        weights = train(config, toy_data, rest).state_dict()
        assert numbers(rest.rows) == numbers(whole.rows[epoch:])
        assert all(torch.equal(value, weights[name]) for name, value in expected.items())


def test_a_state_alone_brings_the_trained_network_back(tmp_path, toy_config, toy_data):
    reporter = SavingReporter(tmp_path)
    network = train(toy_config, toy_data, reporter)
    metrics = make_metrics(toy_data)
    options = {"beam": 3, "max_length": 5, "length_penalty": 0.0}
    expected = decode_and_score(network, toy_data, metrics, **options)
    restored, words = load_model(toy_config, reporter.states[-1])
    found = decode_and_score(restored, toy_data, metrics, **options)
    assert found.paraphrases == expected.paraphrases
    assert words == toy_data.vocabulary.words


def test_a_state_of_another_model_is_refused(tmp_path, toy_config, toy_data):
    reporter = SavingReporter(tmp_path)
    train(dataclasses.replace(toy_config, epochs=1), toy_data, reporter)
    other = dataclasses.replace(toy_config, model="attention")
    with pytest.raises(ValueError, match="state must be of"):
        train(other, toy_data, MemoryReporter(start=reporter.states[0]))


def test_a_state_trained_with_dropout_elsewhere_is_refused_but_can_be_used(tmp_path, toy_config, toy_data):
    reporter = SavingReporter(tmp_path)
    train(dataclasses.replace(toy_config, epochs=1, dropout_position="after-sum"), toy_data, reporter)
    other = dataclasses.replace(toy_config, dropout_position="before-sum")
    with pytest.raises(ValueError, match="state must be of dropout_position='before-sum', got 'after-sum'"):
        train(other, toy_data, MemoryReporter(start=reporter.states[0]))
    load_model(other, reporter.states[0])


def test_a_state_from_before_the_setting_had_dropout_before_the_sum(tmp_path, toy_config, toy_data):
    reporter = SavingReporter(tmp_path)
    config = dataclasses.replace(toy_config, dropout_position="before-sum")
    train(config, toy_data, reporter)
    old = {key: value for key, value in reporter.states[0].items() if key != "dropout_position"}
    rest = MemoryReporter(start=old)
    train(config, toy_data, rest)
    assert numbers(rest.rows) == numbers(reporter.rows[1:])


def test_a_state_of_other_words_is_refused(tmp_path, toy_config, toy_data):
    reporter = SavingReporter(tmp_path)
    train(dataclasses.replace(toy_config, epochs=1), toy_data, reporter)
    words = toy_data.vocabulary.words
    other = dataclasses.replace(toy_data, vocabulary=type(toy_data.vocabulary)(words[::-1]))
    with pytest.raises(ValueError, match="vocabulary"):
        train(toy_config, other, MemoryReporter(start=reporter.states[0]))


def test_a_loss_that_is_no_number_ends_the_run(toy_config, toy_data):
    config = dataclasses.replace(toy_config, learning_rate=1e30, clip_norm=1e30, init_range=100.0)
    with pytest.raises(FloatingPointError, match="loss became"):
        train(config, toy_data, MemoryReporter(keep_state=False))


def test_the_scores_are_those_of_the_paraphrases(toy_config, toy_data):
    network = train(toy_config, toy_data, MemoryReporter(keep_state=False))
    metrics = make_metrics(toy_data)
    decoded = decode_and_score(network, toy_data, metrics, beam=3, max_length=5, length_penalty=0.0)
    references = [group[1:] for group in toy_data.test_groups]
    expected = {key: metric(decoded.paraphrases, references) for key, metric in metrics.items()}
    assert decoded.scores(metrics) == pytest.approx(expected)
