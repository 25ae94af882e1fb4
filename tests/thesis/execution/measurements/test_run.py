"""What a measurement is told by: a result is taken over only where data and code are the same."""

import dataclasses
from types import SimpleNamespace

import pytest
from PIL import Image

from thesis.execution.measurements import clinical_notes as measure_notes
from thesis.execution.measurements import compression as measure_compression
from thesis.execution.measurements import paraphrases as measure_paraphrases
from thesis.execution.measurements.registry import MEASUREMENTS
from thesis.execution.measurements.run import make_request, measurement_digest
from thesis.execution.storage import code_digest
from thesis.experiments.tables import REPRODUCTIONS


def digest_of(table, folder, *, scale="smoke", seeds=(0,)):
    declared = REPRODUCTIONS[table]
    request = make_request(
        declared, scale=scale, seeds=seeds, output_dir=folder, data_dir=None, concurrency=None
    )
    return measurement_digest(declared, request)


@pytest.fixture
def photograph(tmp_path, monkeypatch):
    path = tmp_path / "photograph.png"
    Image.new("RGB", (16, 16), "red").save(path)
    monkeypatch.setattr(measure_compression, "natural_photographs", lambda: [path])
    return path


def test_another_photograph_makes_another_measurement(photograph, tmp_path):
    before = digest_of("table-2.1", tmp_path)
    assert digest_of("table-2.1", tmp_path) == before
    Image.new("RGB", (16, 16), "blue").save(photograph)
    assert digest_of("table-2.1", tmp_path) != before


def test_other_weights_of_the_network_that_makes_the_maps_make_another_measurement(
    photograph, tmp_path, monkeypatch
):
    before = digest_of("table-2.1", tmp_path)
    monkeypatch.setattr(measure_compression, "lite0_weights", lambda: photograph)
    assert digest_of("table-2.1", tmp_path) != before


def test_another_content_of_a_set_makes_another_measurement(tmp_path, monkeypatch):
    before = digest_of("table-7.1", tmp_path)
    load = measure_paraphrases.load_data
    monkeypatch.setattr(
        measure_paraphrases, "load_data", lambda *asked: dataclasses.replace(load(*asked), digest="other")
    )
    assert digest_of("table-7.1", tmp_path) != before


def test_each_set_of_notes_that_is_read_is_told(tmp_path, monkeypatch):
    def load(workload, config, data_dir):
        return SimpleNamespace(name="notes", version="1", digest=f"of {config.num_labels}")

    monkeypatch.setattr(measure_notes, "load_data", load)
    declared = REPRODUCTIONS["figure-8.1"]
    request = make_request(
        declared, scale="smoke", seeds=(0,), output_dir=tmp_path, data_dir=None, concurrency=None
    )
    told = MEASUREMENTS["figure-8.1"]().data(request)
    assert told == ("10 labels: of 10", "30 labels: of 30")


@pytest.mark.parametrize(
    ("table", "modules"),
    [
        (
            "figure-8.3",
            (
                "thesis_workloads.systems.condensed_memory.train",
                "thesis.execution.measurements.trials",
            ),
        ),
        (
            "figure-7.5",
            ("thesis_workloads.systems.residual_lstm.train", "thesis.execution.measurements.trials"),
        ),
        ("table-2.1", ("thesis_workloads.imaging.content_aware", "thesis.execution.inference.compress")),
    ],
)
def test_the_code_that_trains_or_encodes_is_told_and_that_of_other_systems_is_not(table, modules):
    how = MEASUREMENTS[table]()
    names = {name for name, _ in code_digest._closure((how.measure.__module__, *how.code))}
    assert {*modules, how.measure.__module__} <= names
    assert not any(name.startswith("thesis_workloads.systems.repr.") for name in names)
