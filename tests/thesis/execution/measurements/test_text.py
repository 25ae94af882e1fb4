"""What is measured of chapters 7 and 8 beside their tables, on settings so small that a trial takes a second."""

import json
from types import SimpleNamespace

import numpy as np
import pytest

from thesis.execution.measurements import clinical_notes as measure_notes
from thesis.execution.measurements import paraphrases as measure_paraphrases
from thesis.execution.measurements.registry import MEASUREMENTS
from thesis.execution.measurements.request import MeasureRequest
from thesis.execution.measurements.trials import Trial, correlations_by_seed
from thesis_workloads.contract.errors import UserError
from thesis_workloads.systems.residual_lstm.figures import DECLARED

PARAPHRASES = {
    "num_train": 120,
    "num_val": 20,
    "num_test": 20,
    "max_length": 8,
    "vocabulary": 150,
    "hidden": 8,
    "epochs": 2,
    "beam": 2,
    "device": "cpu",
}
NOTES = {
    "num_notes": 300,
    "num_diseases": 12,
    "num_articles": 15,
    "num_labels": 6,
    "embedding_dim": 16,
    "slot_dim": 8,
    "epochs": 3,
    "hops": 4,
    "device": "cpu",
}


@pytest.fixture(autouse=True)
def no_ray(monkeypatch, train_here):
    monkeypatch.setattr(measure_paraphrases, "train_trials", train_here)
    monkeypatch.setattr(measure_notes, "train_trials", train_here)


def request(tmp_path, settings, seeds=(0,)):
    return MeasureRequest(scale="smoke", settings=settings, seeds=seeds, data_dir=tmp_path, folder=tmp_path)


def verses(tmp_path, **more):
    settings = {"config": PARAPHRASES, "data": {"mscoco": "bible-verses"}, **more}
    return request(tmp_path, settings)


def number(findings, column, **row):
    (cell,) = [each for each in findings.cells if each.column == column and dict(each.row) == row]
    return np.mean(list(cell.values.values()))


def test_every_declared_measurement_has_its_function():
    assert set(DECLARED) <= set(MEASUREMENTS)


def test_sizes_are_those_of_the_parts_and_stand_under_the_own_name_of_the_set(tmp_path):
    found = measure_paraphrases.measure_sizes(verses(tmp_path))
    assert number(found, "training", dataset="bible-verses") == 120
    assert number(found, "test", dataset="bible-verses") == 20
    assert number(found, "vocabulary", dataset="bible-verses") == 153
    assert not found.data.is_published


def test_shares_of_the_lengths_add_up_to_one_and_their_sums_are_what_a_claim_asks_for(tmp_path):
    found = measure_paraphrases.measure_lengths(verses(tmp_path))
    shares = {cell.row["words"]: cell.values["exact"] for cell in found.cells if cell.column == "share"}
    assert sum(shares.values()) == pytest.approx(1)
    below = number(found, "share_words", dataset="mscoco", below=4)
    assert below == pytest.approx(shares[1] + shares[2] + shares[3])


def test_a_set_that_is_not_here_is_named_and_the_others_are_measured(tmp_path):
    settings = {"config": PARAPHRASES, "data": {"ppdb": "ppdb", "mscoco": "bible-verses"}}
    found = measure_paraphrases.measure_sizes(request(tmp_path, settings))
    assert found.missing == ("ppdb is not in the data folder",)
    with pytest.raises(UserError, match="put ppdb"):
        measure_paraphrases.measure_sizes(
            request(tmp_path, {"config": PARAPHRASES, "data": {"ppdb": "ppdb"}})
        )


def test_samples_are_written_beside_what_they_say_of_lengths(tmp_path):
    found = measure_paraphrases.measure_samples(verses(tmp_path, num_samples=5, num_correlated=20))
    rows = json.loads((tmp_path / "samples.json").read_text())
    assert len(rows) == 5
    assert {"source", "reference", "paraphrase"} <= set(rows[0])
    assert rows[2]["source"] in (tmp_path / "samples.md").read_text()
    row = {"a": "source length", "b": "generated length"}
    assert -1 <= number(found, "correlation_over_pairs", **row) <= 1


def test_every_set_has_its_correlation_and_none_that_was_read_counts_as_missing(tmp_path):
    settings = {
        "config": PARAPHRASES,
        "data": {"ppdb": "bible-verses", "mscoco": "bible-verses"},
        "num_samples": 5,
        "num_correlated": 20,
    }
    found = measure_paraphrases.measure_samples(request(tmp_path, settings))
    rows = [cell.row for cell in found.cells if cell.column == "correlation_over_pairs"]
    pair = {"a": "source length", "b": "generated length"}
    assert rows == [pair, {**pair, "dataset": "mscoco"}]
    assert found.missing == ()


def test_the_models_curves_and_the_numbers_of_the_claims_come_of_the_same_runs(tmp_path):
    found = measure_paraphrases.measure_training(verses(tmp_path))
    curves = [cell for cell in found.cells if cell.column == "perplexity" and not cell.is_quantity]
    assert len(curves) == 4 * 2 * 2  # models, parts, epochs
    last = number(found, "perplexity", dataset="mscoco", line="residual, validation", epoch=2)
    assert number(found, "perplexity", dataset="mscoco", set="validation") == last
    assert all(0 < number(found, "p_value", score=score) <= 1 for score in ("bleu", "meteor", "ter"))
    (agreement,) = [cell for cell in found.cells if cell.column == "correlation_over_models"]
    assert (agreement.unit, list(agreement.values)) == ("seed", ["0"])


def test_a_correlation_over_models_is_of_one_seeds_last_epochs():
    trials = [
        Trial(config=SimpleNamespace(seed=seed), rows=[{"a": 9.0, "b": 9.0}, {"a": a, "b": b}], state={})
        for seed, a, b in (
            (0, 1.0, 2.0),
            (0, 2.0, 4.0),
            (1, 1.0, 4.0),
            (1, 2.0, 2.0),
            (2, 1.0, 1.0),
            (2, 1.0, 2.0),
        )
    ]
    assert correlations_by_seed(trials, "a", "b") == pytest.approx({"0": 1.0, "1": -1.0, "2": 0.0})


def test_a_residual_connection_adds_no_parameter_and_two_directions_double_the_units(tmp_path):
    found = measure_paraphrases.measure_training(verses(tmp_path))
    counts = {model: number(found, "parameters", model=model, layers=4) for model in ("residual", "seq2seq")}
    assert counts["residual"] == counts["seq2seq"]
    units = {
        model: number(found, "lstm_units", model=model, layers=2) for model in ("bidirectional", "seq2seq")
    }
    assert units == {"bidirectional": 32, "seq2seq": 16}


def test_shares_of_notes_by_their_number_of_diagnoses_add_up_to_one(tmp_path):
    settings = {"config": NOTES, "num_labels": 6, "tops": (3, 6)}
    found = measure_notes.measure_labels_per_note(request(tmp_path, settings))
    shares = [cell.values["exact"] for cell in found.cells if cell.column == "share"]
    assert sum(shares) == pytest.approx(1)
    assert number(found, "label_coverage", top=3) < number(found, "label_coverage", top=6)
    assert number(found, "labels_per_note", statistic="max") == len(shares) - 1


def test_precision_by_epoch_and_the_numbers_of_the_claims_come_of_the_same_runs(tmp_path):
    found = measure_notes.measure_precision(request(tmp_path, {"config": NOTES}))
    curves = [cell for cell in found.cells if cell.column == "precision"]
    assert len(curves) == 4 * 3  # models, epochs
    last = number(found, "precision", model="c-memnn", epoch=3)
    assert number(found, "precision5", model="c-memnn", epoch="last", set="validation") == last
    averaged, plain = (number(found, "parameters", model=model) for model in ("a-memnn", "kv-memnn"))
    assert averaged == plain
    (agreement,) = [cell for cell in found.cells if cell.column == "correlation_over_models"]
    assert (agreement.unit, list(agreement.values)) == ("seed", ["0"])
    assert {cell.row["addressing"] for cell in found.cells if "addressing" in cell.row} == {
        "gated",
        "softmax",
        "sigmoid",
    }
