"""Sweeps that never ran, with the shapes of ones that do, and an output folder with a measured table and a run."""

import dataclasses
import itertools
import json
import math
import re
import zlib
from html.parser import HTMLParser

import numpy as np
import pytest

from thesis.experiments.plan import Resources, TrainPlan, make_config
from thesis.experiments.stored_plan import plan_to_dict
from thesis.reporting.page.content import gather
from thesis.reporting.page.html import report_page
from thesis.results.measured_tables import MeasuredData, MeasuredRow, MeasuredTable, Samples, Spent
from thesis.results.table_files import write_measured
from thesis.tracking.journal import Journal
from thesis.tracking.records import TrialRecord
from thesis_workloads.registry import find_system

EPOCHS = 40


def new_record(
    trial_id="t0",
    *,
    config=None,
    is_baseline=False,
    status="finished",
    epochs=EPOCHS,
    final=0.9,
    test=True,
    seed=0,
):
    """Returns a record whose last val/accuracy is `final`, with sub-network phases if it has s1 and s2."""
    config = {"seed": seed, **(config or {})}
    noise = np.random.default_rng([zlib.crc32(trial_id.encode()), seed])
    s1, s2, n = (int(config.get(key, 0)) for key in ("s1", "s2", "n"))
    history = []
    for epoch in range(1, epochs + 1):
        place = (epoch - 1) % max(s1 + s2, 1)
        in_phase = not is_baseline and s2 > 0 and place >= s1 and epoch <= n * (s1 + s2)
        rise = 1 - math.exp(-epoch / 5)
        value = 0.1 + (final - 0.1) * rise - (0.04 if in_phase else 0) + noise.normal(0, 0.004)
        history.append(
            {
                "epoch": float(epoch),
                "train/accuracy": min(value + 0.06 * rise, 1.0),
                "val/accuracy": value,
                "train/loss": 2.3 * (1 - rise) + 0.1,
                "val/loss": 2.3 * (1 - rise) + 0.4,
                "repr/phase": float(in_phase),
            }
        )
    if history:
        history[-1]["val/accuracy"] = final
        if test and status == "finished":
            history[-1]["test/accuracy"] = final - 0.01
    return TrialRecord(
        trial_id=trial_id,
        config=config,
        is_baseline=is_baseline,
        status=status,
        error="ValueError: loss is not finite" if status == "failed" else None,
        history=history,
        wall_s=3.0,
    )


def new_sweep(space, *, seeds=(0, 1, 2), baseline=True, effect=None, deviation=0.006, num_trials=None):
    """Returns the grid over `space` (or a random part of it) times seeds, and a baseline per seed."""
    generator = np.random.default_rng(7)
    points = [dict(zip(space, values, strict=True)) for values in itertools.product(*space.values())]
    if num_trials is not None and num_trials < len(points):
        chosen = sorted(generator.choice(len(points), size=num_trials, replace=False))
        points = [points[index] for index in chosen]
    of_seed = {seed: float(generator.normal(0, deviation)) for seed in seeds}
    effect = effect or (lambda point: 0.01 * math.sin(sum(map(number_of, point.values()))))
    records = []
    for number, (point, seed) in enumerate(itertools.product(points, seeds)):
        final = 0.93 + effect(point) + of_seed[seed] + float(generator.normal(0, deviation / 2))
        records.append(new_record(f"t{number:03d}", config=point, final=final, seed=seed))
    for seed in seeds if baseline else ():
        config = {**dict.fromkeys(space), **points[0], "scheme": "standard"}
        final = 0.925 + of_seed[seed] + float(generator.normal(0, deviation / 2))
        records.append(new_record(f"b{seed}", config=config, is_baseline=True, final=final, seed=seed))
    return records


def number_of(value):
    """Returns a number for any setting, the same in every process."""
    return float(value) if isinstance(value, (int, float)) else float(sum(map(ord, str(value))))


@pytest.fixture
def make_record():
    """Gives the function that makes one record."""
    return new_record


@pytest.fixture
def make_sweep():
    """Gives the function that makes a sweep's records."""
    return new_sweep


# A PNG of one white pixel.
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108000000003a7e9b550000000a494441"
    "54789c63f80f0001010100b138f6140000000049454e44ae426082"
)
EMPTY_TAGS = {"img", "input", "meta", "link", "br"}


class Page(HTMLParser):
    """What a test asks of a page: its elements, ids, targets, and whether every element is closed."""

    def __init__(self, text):
        super().__init__()
        self.elements, self.open, self.texts = [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in EMPTY_TAGS:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        """Keeps text as a browser shows it: a line break is a space, and none between elements."""
        if data.strip():
            self.texts.append(re.sub(r"\s+", " ", data))

    def all(self, tag):
        return [attributes for name, attributes in self.elements if name == tag]

    @property
    def ids(self):
        return [attributes["id"] for _, attributes in self.elements if "id" in attributes]


def seeds(*values, unit="seed"):
    return Samples(values={str(index): float(value) for index, value in enumerate(values)}, unit=unit)


def table_5_1(**changes):
    rows = tuple(
        MeasuredRow(keys={"metric": metric}, cells={"accuracy": seeds(*values)})
        for metric, values in {
            "ortho": (95, 96, 95.5),
            "oracle": (90, 91, 90.4),
            "my <own>": (1, 2, 3),
        }.items()
    )
    data = MeasuredData(name="digits & more", version="1.7", digest="d")
    made = MeasuredTable(
        id="table-5.1",
        system="repr",
        scale="small",
        data=data,
        rows=rows,
        missing=("seed 3 diverged",),
        provenance={"device": "cpu"},
        links={"MLflow run": "http://127.0.0.1:5000/#/experiments/1"},
        figures=("pictures/table-5.1.png", "pictures/a curve.png", "pictures/gone.png"),
        spent=Spent(num_trials=9, num_reused=3, core_s=7200.0, wall_s=90.0),
    )
    return dataclasses.replace(made, **changes)


def half_a_run(folder):
    """A run of one trial of three epochs that was killed after the first; its plan is that of ``thesis train``."""
    run = folder / "repr-train-1"
    (run / "results").mkdir(parents=True)
    (run / "results" / "learning-curves.png").write_bytes(PIXEL)
    system = find_system("repr")
    plan = TrainPlan(
        system="repr",
        scale="small",
        config=make_config(system, scale="small", overrides={"epochs": 3}),
        resources=Resources(workers=2),
    )
    (run / "plan.json").write_text(json.dumps({"plan": plan_to_dict(plan)}))
    journal = Journal(run / "journal.jsonl")
    journal.start("trial-1", name="trial", config={}, is_baseline=False)
    journal.epoch("trial-1", {"epoch": 1})
    journal.close()


def fill(folder):
    (folder / "pictures").mkdir()
    for name in ("table-5.1", "a curve"):
        (folder / "pictures" / f"{name}.png").write_bytes(PIXEL)
    half_a_run(folder)
    write_measured(table_5_1(), folder)
    counts = {"parameters": seeds(7, unit="exact")}
    rows = tuple(MeasuredRow(keys={"model": m, "layers": 4}, cells=counts) for m in ("residual", "seq2seq"))
    measures = table_5_1(
        id="measures-residual-lstm", system="residual-lstm", rows=rows, missing=(), figures=()
    )
    write_measured(measures, folder)
    (folder / "tables" / "small" / "table-5.5.json").write_text('{"schema": 1')
    return folder


@pytest.fixture
def output_dir(tmp_path):
    return fill(tmp_path)


@pytest.fixture(scope="session")
def written(tmp_path_factory):
    """A report that no test changes, and its page as text."""
    report = gather(fill(tmp_path_factory.mktemp("report")))
    return report, report_page(report)


@pytest.fixture(scope="session")
def page(written):
    return Page(written[1])


@pytest.fixture
def make_table():
    """Gives the function that makes a measured table 5.1, or another by its changes."""
    return table_5_1


@pytest.fixture
def parse_page():
    """Gives the parser of a page."""
    return Page
