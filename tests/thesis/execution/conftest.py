"""One local Ray for all tests of this folder; each test has a folder and a tracking store of its own."""

import dataclasses
import shutil
from contextlib import nullcontext

import pytest

from thesis.execution.cluster import connection
from thesis.execution.training.job import JobOptions, run_job
from thesis.experiments.plan import Resources, TrainPlan, make_config, make_sweep
from thesis.reporting.sweeps.publish import conclude_sweep, conclude_train
from thesis.results.summary import Summary
from thesis.tracking.mlflow.store import open_experiment, tracking_uri
from thesis_workloads.contract.search_space import parse_space
from thesis_workloads.registry import find_system

TINY = {"epochs": 6, "s1": 2, "s2": 1, "n": 1, "num_train": 60, "num_val": 60, "model": "c2-8"}


@pytest.fixture(scope="session")
def ray_session():
    with connection.ray_session(dashboard=True):
        yield


@pytest.fixture(scope="session")
def empty_store(tmp_path_factory):
    """A tracking store without runs: making its tables takes seconds, copying them none."""
    folder = tmp_path_factory.mktemp("empty-store")
    open_experiment(tracking_uri(folder), name="made first", output_dir=folder, tags={})
    return folder / "mlflow.db"


def options_in(folder, empty_store):
    output_dir = folder / "runs"
    output_dir.mkdir()
    shutil.copy(empty_store, output_dir / "mlflow.db")
    return JobOptions(output_dir=output_dir, data_dir=None)


@pytest.fixture
def options(tmp_path, monkeypatch, empty_store):
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    return options_in(tmp_path, empty_store)


@pytest.fixture(scope="session")
def no_watch():
    return lambda folder, plan, goes_on: nullcontext()


@pytest.fixture(scope="session")
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


@pytest.fixture(scope="session")
def train_plan():
    def make(workers=1, **overrides):
        config = make_config(find_system("repr"), scale="small", overrides={**TINY, **overrides})
        resources = Resources(workers=workers, cpus_per_worker=0.5)
        return TrainPlan(system="repr", scale="small", config=config, resources=resources)

    return make


def concluded(plan, options, no_watch):
    """Runs a plan as its user does, figures, ranking and model included."""
    conclude = conclude_sweep if plan.kind == "sweep" else conclude_train
    return run_job(plan, options, watch=no_watch, conclude=conclude)


@pytest.fixture
def run(ray_session, options, no_watch):
    """Runs a plan, without what is made of its results."""

    def run_plan(plan, **changes):
        changed = dataclasses.replace(options, **changes)
        return run_job(plan, changed, watch=no_watch, conclude=lambda *_: Summary())

    return run_plan


@pytest.fixture
def run_to_the_end(ray_session, options, no_watch):
    return lambda plan, **changes: concluded(plan, dataclasses.replace(options, **changes), no_watch)


@pytest.fixture(scope="module")
def run_once(ray_session, empty_store, no_watch, tmp_path_factory):
    """Runs a plan to the end for several tests of a module, in a folder of its own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("MLFLOW_TRACKING_URI", raising=False)
        yield lambda plan: concluded(plan, options_in(tmp_path_factory.mktemp("once"), empty_store), no_watch)


@pytest.fixture(scope="session")
def train_here():
    """Takes the place of `train_trials`: runs them in this process, one after the other."""
    from thesis.execution.measurements.trials import Trial
    from thesis.execution.training.workloads import find_workload
    from thesis_workloads.contract.reporter import MemoryReporter

    def train(system, configs, data, *, concurrency=None):
        trials = []
        for config in configs:
            reporter = MemoryReporter()
            find_workload(system).train(config, data, reporter)
            trials.append(Trial(config=config, rows=reporter.rows, state=reporter.state))
        return trials

    return train


@pytest.fixture(scope="session")
def tiny_source():
    """A classifier that every worker can make by itself: nested, so that it travels by value."""
    from thesis.execution.evaluation.attack_stage import ClassifierSource

    def make_tiny():
        import torch
        from torch import nn

        from thesis_workloads.classifiers.classifier import Classifier

        with torch.random.fork_rng():
            torch.manual_seed(0)
            trunk = nn.Sequential(nn.Conv2d(3, 8, 3, stride=2), nn.ReLU(), nn.Conv2d(8, 8, 3), nn.ReLU())
            tail = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 12))
        nn.init.normal_(tail[2].weight, std=30.0, generator=torch.Generator().manual_seed(1))
        with torch.no_grad():
            # Around the mean of some images all classes are as likely.
            coarse = torch.rand(6, 3, 6, 6, generator=torch.Generator().manual_seed(2))
            means = trunk(nn.functional.interpolate(coarse, size=32, mode="bilinear")).mean((0, 2, 3))
            tail[2].bias.copy_(-tail[2].weight @ means)
        names = tuple("abcdefghijkl")
        return Classifier(trunk, tail, name="tiny", input_size=32, class_names=names)

    return ClassifierSource(name="tiny", digest="0", input_size=32, load=make_tiny)


@pytest.fixture
def photographs(tmp_path, tiny_source):
    """Nine images: seven that the tiny classifier gets right, one that it gets wrong, one that is no image."""
    import numpy as np
    import torch
    from PIL import Image

    from thesis_workloads.datasets.images.photographs import Photograph, load_photographs

    folder = tmp_path / "photographs"
    folder.mkdir()
    generator = np.random.default_rng(0)
    found = []
    for number in range(9):
        path = folder / f"{number}.png"
        coarse = generator.integers(0, 256, (6, 6, 3), dtype=np.uint8)
        Image.fromarray(coarse).resize((48, 48), Image.Resampling.BICUBIC).save(path)
        found.append(Photograph(id=path.name, path=path, label=0))
    with torch.no_grad():
        classes = tiny_source.load()(load_photographs(found, size=32).images).argmax(1).tolist()
    found = [dataclasses.replace(each, label=label) for each, label in zip(found, classes, strict=True)]
    found[3] = dataclasses.replace(found[3], label=(classes[3] + 1) % 12)
    found[5].path.write_bytes(b"no image")
    return found


@pytest.fixture
def image_set(photographs):
    from thesis.execution.evaluation.images import ImageSet
    from thesis_workloads.datasets.images.photographs import digest

    return ImageSet(photographs=tuple(photographs), name="nine", digest=digest(photographs))


@pytest.fixture
def evaluation():
    """Makes a small plan: three attacks, three defences, an attacker who knows each of them."""

    def make(**changes):
        from thesis_workloads.contract.evaluation import AdaptiveSpec, parse_attacks, parse_defenses
        from thesis_workloads.contract.evaluation_plan import EvaluationPlan
        from thesis_workloads.systems.pixel_deflection.experiment import ATTACK_SETTINGS, DEFENSES

        values = {
            "scale": "smoke",
            "classifier": "tiny",
            "weights": "",
            "images": "shipped",
            "labels": "",
            "part": "all",
            "max_images": 0,
            "chunk_size": 2,
            "attacks": parse_attacks(["fgsm@0.05", "deepfool"], ATTACK_SETTINGS["smoke"]),
            "defenses": parse_defenses(
                ["pixel-deflection", "jpeg"], DEFENSES, overrides={"sigma": 0.01}, num_votes=3
            ),
            "adaptive": (AdaptiveSpec(epsilon=0.03, num_steps=3, num_draws=2),),
            "adaptive_seeds": 2,
            "seed": 0,
        }
        return EvaluationPlan(**{**values, **changes})

    return make
