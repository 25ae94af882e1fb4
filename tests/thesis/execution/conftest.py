"""One local Ray for all tests of this folder; each test has a folder and a tracking store of its own."""

import shutil
from contextlib import nullcontext

import pytest

from thesis.execution.connect import connected
from thesis.execution.jobs import JobOptions, run_job
from thesis.experiments.catalog import find_system
from thesis.experiments.plan import Resources, TrainPlan, make_config, make_sweep
from thesis.experiments.space import parse_space
from thesis.reporting.publish import conclude_sweep, conclude_train
from thesis.tracking.store import open_experiment, tracking_uri

TINY = {"epochs": 6, "s1": 2, "s2": 1, "n": 1, "num_train": 60, "num_val": 60, "model": "c2-8"}


@pytest.fixture(scope="session")
def ray_session():
    with connected(dashboard=True):
        yield


@pytest.fixture(scope="session")
def empty_store(tmp_path_factory):
    """A tracking store without runs: making its tables takes seconds, copying them none."""
    folder = tmp_path_factory.mktemp("empty-store")
    open_experiment(tracking_uri(folder), name="made first", output_dir=folder, tags={})
    return folder / "mlflow.db"


@pytest.fixture
def options(tmp_path, monkeypatch, empty_store):
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    output_dir = tmp_path / "runs"
    output_dir.mkdir()
    shutil.copy(empty_store, output_dir / "mlflow.db")
    return JobOptions(output_dir=output_dir, data_dir=None)


@pytest.fixture
def no_watch():
    return lambda folder, plan, goes_on: nullcontext()


@pytest.fixture
def sweep_plan():
    def make(*space, overrides=None, **changes):
        values = {
            "scale": "small",
            "overrides": {**TINY, **(overrides or {})},
            "search": "grid",
            "scheduler": "none",
            "num_samples": 3,
            "num_seeds": 2,
            "seed": 0,
            "resources": Resources(),
        }
        system = find_system("repr")
        values["overrides"] = {
            key: value
            for key, value in values["overrides"].items()
            if key not in {text.split("=")[0] for text in space}
        }
        return make_sweep(system, space=parse_space(space, system.config), **{**values, **changes})

    return make


@pytest.fixture
def train_plan():
    def make(workers=1, **overrides):
        config = make_config(find_system("repr"), scale="small", overrides={**TINY, **overrides})
        resources = Resources(workers=workers, cpus_per_worker=0.5)
        return TrainPlan(system="repr", scale="small", config=config, resources=resources)

    return make


@pytest.fixture
def run(ray_session, options, no_watch):
    def run_plan(plan, **changes):
        import dataclasses

        conclude = conclude_sweep if plan.kind == "sweep" else conclude_train
        return run_job(plan, dataclasses.replace(options, **changes), watch=no_watch, conclude=conclude)

    return run_plan
