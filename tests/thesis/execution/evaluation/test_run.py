"""The whole chain on one Ray, against a plain loop over the same chunks."""

import dataclasses
import json
import os
import signal
from contextlib import contextmanager
from pathlib import Path

import pytest
from mlflow import MlflowClient
from rich.console import Console

from thesis.cli.printing.evaluation_outcome import print_evaluation
from thesis.execution.evaluation import pipeline as evaluation_pipeline
from thesis.execution.evaluation.adversarial_store import read_chunk
from thesis.execution.evaluation.attack_stage import AttackStage, attacked_rows, make_chunk
from thesis.execution.evaluation.defense_stage import judged_rows
from thesis.execution.evaluation.images import chunks_of
from thesis.execution.evaluation.pipeline import Throughput, num_rows, passes_of, run_pipeline
from thesis.execution.evaluation.run import EvaluationOptions
from thesis.workflows.evaluate import evaluate
from thesis_workloads.attacks.audit import CHECKS
from thesis_workloads.contract.evaluation import AdaptiveSpec, parse_attacks

NUMBERS = (
    "status",
    "clean_prediction",
    "adversarial_prediction",
    "single",
    "vote",
    "num_right",
    "probability",
    "l2",
    "found_by",
)


def plain_loop(plan, image_set, source, store):
    """Returns the same rows without Ray, chunks in the opposite order."""
    classifier, found = source.load(), {}
    for each in passes_of(plan):
        defenses = plan.defenses if each.attack.defense is None else (each.attack.defense,)
        for chunk in reversed(chunks_of(image_set, size=plan.chunk_size)):
            made = read_chunk(make_chunk(source, classifier, each.attack, chunk, store, "cpu"))
            for defense in defenses:
                seed = plan.seed + each.attack.seed
                for row in judged_rows(classifier, made, defense, size=32, seed=seed, device="cpu"):
                    found[each.attack.label, defense.name, row["id"]] = [repr(row[key]) for key in NUMBERS]
    return found


def keyed(rows):
    return {
        (row["attack"], row["defense"], row["id"]): [repr(row[key]) for key in NUMBERS]
        for row in rows.to_pylist()
    }


@contextmanager
def no_progress(total):
    yield lambda rows: None


def test_rows_do_not_depend_on_the_order_of_chunks(image_set, tiny_source, evaluation, tmp_path):
    # One chunk more in front changes the order and the neighbours of all that follow, and no number.
    plan = evaluation(adaptive=())
    whole = plain_loop(plan, image_set, tiny_source, tmp_path / "whole")
    rest = dataclasses.replace(image_set, photographs=image_set.photographs[2:])
    part = plain_loop(plan, rest, tiny_source, tmp_path / "part")
    assert len(part) == 7 * 9
    assert all(whole[key] == part[key] for key in part)


def test_an_image_has_its_own_randomness_in_any_chunk(image_set, tiny_source, evaluation, tmp_path):
    # A chunk's size may change last bits, but not what is drawn for an image by attacker and defender.
    attacks = parse_attacks(["pgd-l2"], {"pgd-l2": {"num_steps": 1, "early_stop": False}})
    columns = {}
    for size in (2, 9):
        plan = evaluation(adaptive=(), attacks=attacks, chunk_size=size)
        columns[size] = plain_loop(plan, image_set, tiny_source, tmp_path / str(size))
    place = NUMBERS.index("probability")
    for key, row in columns[2].items():
        assert float(row[place]) == pytest.approx(float(columns[9][key][place]), abs=1e-4, nan_ok=True)


def test_without_labels_the_networks_own_answer_is_the_label_of_every_row(
    image_set, tiny_source, evaluation, tmp_path
):
    unlabelled = [dataclasses.replace(each, label=-1) for each in image_set.photographs]
    chunk = chunks_of(dataclasses.replace(image_set, photographs=tuple(unlabelled)), size=9)[0]
    attack = parse_attacks(["fgsm@0.05"], {"fgsm": {}})[1]
    rows = attacked_rows(tiny_source.load(), 32, attack, chunk, "cpu")
    readable = [row for row in rows if row["status"] != "unreadable"]
    assert len(readable) == 8
    assert all(row["status"] == "attacked" for row in readable)  # nothing can be wrong before the attack
    assert all(row["label"] == row["clean_prediction"] >= 0 for row in readable)


def test_a_larger_epsilon_keeps_what_the_smaller_broke(image_set, tiny_source, evaluation, tmp_path):
    strengths = tuple(AdaptiveSpec(epsilon=each, num_steps=3, num_draws=2) for each in (0.05, 0.02))
    plan = evaluation(adaptive=strengths, adaptive_seeds=1)
    small, large = (
        [attack for attack in plan.adaptive_attacks() if attack.parameters["epsilon"] == each.epsilon][1]
        for each in reversed(strengths)
    )
    classifier, chunk = tiny_source.load(), chunks_of(image_set, size=2)[0]
    paths = [make_chunk(tiny_source, classifier, each, chunk, tmp_path, "cpu") for each in (large, small)]
    after, before = (read_chunk(path) for path in paths)
    assert len(list(tmp_path.rglob("*.parquet"))) == 2  # the larger made the smaller on its way
    for place, row in enumerate(before.attacked_rows):
        if row["found_by"]:
            assert after.attacked_rows[place]["found_by"]


@pytest.mark.ray
def test_an_evaluation_equals_a_plain_loop_and_leaves_its_runs(
    ray_session, options, image_set, tiny_source, evaluation, tmp_path
):
    plan = evaluation(audit=AdaptiveSpec(epsilon=0.02, num_steps=1, num_draws=1), adaptive_seeds=1)
    data_dir = tmp_path / "data"
    told = []

    @contextmanager
    def watch(total):
        told.append(total)
        yield told.append

    outcome = evaluate(
        plan,
        EvaluationOptions(
            output_dir=options.output_dir,
            data_dir=data_dir,
            throughput=Throughput(concurrency=1, batch_size=7),
        ),
        source=tiny_source,
        watch=watch,
        images=image_set,
    )
    evaluated = outcome.evaluated
    assert keyed(evaluated.rows) == plain_loop(plan, image_set, tiny_source, tmp_path / "loop")
    assert told[0] == sum(told[1:]) == evaluated.rows.num_rows == num_rows(plan, 9)
    assert list(evaluated.problems) == ["5.png"]
    assert evaluated.counts["num_entered"] == 7
    client = MlflowClient(outcome.uri)
    runs = client.search_runs([outcome.experiment_id])
    children = [run for run in runs if run.data.tags.get("mlflow.parentRunId") == outcome.run_id]
    assert {run.data.params["defense"] for run in children} == {"none", "pixel-deflection", "jpeg"}
    assert len(children) == 9
    assert all(run.info.status == "FINISHED" for run in runs)
    parent = client.get_run(outcome.run_id)
    assert parent.data.metrics["count/num_unreadable"] == 1
    assert parent.inputs.dataset_inputs[0].dataset.digest == image_set.digest
    audited = json.loads((outcome.folder / "results" / "audit.json").read_text())
    assert [row["check"] for row in audited] == 2 * list(CHECKS)
    failed = [row["defense"] for row in audited if row["verdict"] == "fail"]
    for defense in ("pixel-deflection", "jpeg"):
        assert parent.data.metrics[f"audit/{defense}/failed"] == failed.count(defense)
    assert {"audit.md", "audit.parquet", "probes.json"} <= {
        Path(each.path).name for each in client.list_artifacts(outcome.run_id, "results")
    }
    console = Console(width=200)
    with console.capture() as shown:
        print_evaluation(outcome, console)
    assert "Audit of the adaptive attack" in shown.get()


def dies_once(marker):
    """Returns an attack stage whose process kills itself at its first chunk, the first time any does."""

    class DiesOnce(AttackStage):
        def __call__(self, batch):
            if not marker.exists():
                marker.touch()
                os.kill(os.getpid(), signal.SIGKILL)
            return super().__call__(batch)

    return DiesOnce


@pytest.mark.ray
def test_an_actor_that_dies_is_survived(
    ray_session, image_set, tiny_source, evaluation, tmp_path, monkeypatch
):
    plan, marker = evaluation(), tmp_path / "died"
    monkeypatch.setattr(evaluation_pipeline, "AttackStage", dies_once(marker))
    rows = run_pipeline(
        plan,
        image_set,
        tiny_source,
        store=tmp_path / "store",
        throughput=Throughput(concurrency=1, batch_size=2),
        on_rows=lambda count: None,
    )
    assert marker.exists()
    assert keyed(rows) == plain_loop(plan, image_set, tiny_source, tmp_path / "loop")
