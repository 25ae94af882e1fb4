"""What every registered system owes the platform: one suite over the registry."""

import dataclasses
import functools
import io
import math
import re
from typing import Any

import pytest
import torch

from thesis.execution.training.workloads import call_load
from thesis.experiments.plan import make_config, num_epochs_of
from thesis_workloads.contract.errors import UserError
from thesis_workloads.contract.experiment import Experiment, tables_of, workload_of
from thesis_workloads.contract.overrides import parse_overrides
from thesis_workloads.contract.reporter import MemoryReporter
from thesis_workloads.registry import all_systems, find_system

# Below the scale smoke: a run of a second or two, with each kind of epoch in it.
TINY: dict[str, dict[str, Any]] = {
    "repr": {"epochs": 6, "s1": 2, "s2": 1, "n": 1, "num_train": 100, "num_val": 100, "model": "c3-8"},
    "detection": {"epochs": 2, "num_train": 16, "num_val": 8, "num_test": 8},
    "condensed-memory": {"epochs": 2},
    "residual-lstm": {"epochs": 2, "num_train": 100, "num_test": 10},
    "highway-vqa": {"epochs": 2, "num_images": 60, "num_val_images": 20},
    "ms-roi": {"epochs": 2, "num_train": 40, "num_val": 20},
}
NAMES = list(all_systems())
TRAINED = [name for name in NAMES if workload_of(find_system(name)).restore is not None]


class EveryState(MemoryReporter):
    """Keeps the state after each epoch, as a file would."""

    def __init__(self, start=None):
        super().__init__(start=start)
        self.files: list[bytes] = []

    def report(self, metrics, *, state=None):
        super().report(metrics, state=state)
        kept = io.BytesIO()
        torch.save(self.state, kept)
        self.files.append(kept.getvalue())


class ReadSettings:
    """A configuration that notes which of its settings are read."""

    def __init__(self, config):
        self._config = config
        self.read: set[str] = set()

    def __getattr__(self, name):
        if name in {field.name for field in dataclasses.fields(self._config)}:
            self.read.add(name)
        return getattr(self._config, name)


@dataclasses.dataclass(frozen=True)
class Run:
    config: Any
    data: Any
    rows: list[dict[str, float]]
    files: list[bytes]
    module: Any


def smallest(system: Experiment):
    return make_config(system, scale="smoke", overrides=TINY.get(system.name, {}))


def from_file(content: bytes):
    return torch.load(io.BytesIO(content), weights_only=True, map_location="cpu")


@functools.cache
def run_of(name: str) -> Run:
    system = find_system(name)
    config, workload, reporter = smallest(system), workload_of(system), EveryState()
    data = call_load(workload, config, None)
    module = workload.train(config, data, reporter)
    return Run(config=config, data=data, rows=reporter.rows, files=reporter.files, module=module)


@pytest.mark.parametrize("name", NAMES)
def test_the_default_configuration_of_every_scale_is_valid(name):
    system = find_system(name)
    for scale in system.scales:
        workload_of(system).validate(make_config(system, scale=scale, overrides={}))


@pytest.mark.parametrize("name", NAMES)
def test_an_unknown_setting_is_refused_and_the_nearest_named(name):
    config = find_system(name).config
    known = dataclasses.fields(config)[0].name
    with pytest.raises(UserError, match=f"did you mean '{known}'"):
        parse_overrides([f"{known}x=1"], config)


@pytest.mark.parametrize("name", NAMES)
def test_every_declared_setting_is_one_of_the_configuration(name):
    system = find_system(name)
    config = smallest(system)
    declared = [
        *system.space,
        *system.baseline,
        *system.baseline_ignores,
        *system.changeable,
        *(key for overrides in system.scales.values() for key in overrides),
        *(key for space in system.scale_spaces.values() for key in space),
        *(workload_of(system).data_fields or ()),
    ]
    assert [key for key in declared if not hasattr(config, key)] == []
    assert isinstance(config.seed, int)


def test_no_two_systems_declare_one_table():
    names = [table for system in all_systems().values() for table in tables_of(system)]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("name", TRAINED)
def test_metrics_are_finite_and_named_by_part_and_have_the_declared_ones(name):
    run, system = run_of(name), find_system(name)
    assert len(run.rows) == num_epochs_of(run.config)
    for number, row in enumerate(run.rows, start=1):
        assert row["epoch"] == number
        for key, value in row.items():
            assert key in ("epoch", "learning_rate") or re.fullmatch(
                r"[a-z_0-9]+(/[A-Za-z0-9_.@+-]+)+", key
            ), key
            assert math.isfinite(value) or math.isnan(value), f"{key}={value}"
        assert math.isfinite(row[system.selection_metric])
    assert math.isfinite(run.rows[-1][system.test_metric])


@pytest.mark.parametrize("name", TRAINED)
def test_resuming_after_any_epoch_gives_the_same_numbers_to_the_last_bit(name):
    run, system = run_of(name), find_system(name)
    for done, content in enumerate(run.files[:-1], start=1):
        again = EveryState(start=from_file(content))
        workload_of(system).train(run.config, run.data, again)
        assert [timeless(row) for row in again.rows] == [timeless(row) for row in run.rows[done:]], (
            f"epoch {done}"
        )


def timeless(row):
    return {
        key: str(value) for key, value in row.items() if not key.startswith("time/") and "seconds" not in key
    }


@pytest.mark.parametrize("name", TRAINED)
def test_loading_the_data_reads_declared_settings_alone(name):
    workload, config = workload_of(find_system(name)), run_of(name).config
    if workload.preparation in ("image-features", "attacked-images"):
        return  # made by the platform, which is given the configuration itself
    watched = ReadSettings(config)
    call_load(workload, watched, None)
    assert watched.read <= set(workload.data_fields or watched.read)


@pytest.mark.parametrize("name", TRAINED)
def test_the_declared_size_is_near_that_of_the_trained_module(name):
    run, workload = run_of(name), workload_of(find_system(name))
    counted = sum(value.numel() for value in run.module.parameters())
    assert workload.size is not None
    # Counted from the configuration alone, so with a vocabulary that may be larger.
    assert 0.9 * counted <= workload.size(run.config).num_parameters <= 3 * counted


@pytest.mark.parametrize("name", TRAINED)
def test_the_restored_module_takes_the_declared_example(name):
    run, workload = run_of(name), workload_of(find_system(name))
    module = workload.restore(run.config, run.data, from_file(run.files[-1]))
    with torch.no_grad():
        module.eval()(torch.from_numpy(workload.example(run.data)))
