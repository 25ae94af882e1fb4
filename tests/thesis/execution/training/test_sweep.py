import pytest
from mlflow import MlflowClient

from thesis.experiments.plan import Resources
from thesis.tracking.journal import read_events
from thesis_workloads.contract.errors import UserError

pytestmark = pytest.mark.ray


def children(outcome):
    client = MlflowClient(outcome.uri)
    found = client.search_runs([outcome.experiment_id], max_results=500)
    return [run for run in found if run.data.tags.get("mlflow.parentRunId") == outcome.run_id]


def steps(outcome, run):
    history = MlflowClient(outcome.uri).get_metric_history(run.info.run_id, "val/accuracy")
    return [metric.step for metric in sorted(history, key=lambda metric: metric.step)]


@pytest.fixture(scope="module")
def grid(run_once, sweep_plan):
    """Both values of p, with a learning rate that trains and one that no training survives."""
    return run_once(sweep_plan("p=20,40", "learning_rate=0.01,1e30"))


def test_a_grid_runs_every_trial_once_and_leaves_ranking_figures_and_a_model(grid):
    runs = [run for run in children(grid) if run.data.params["learning_rate"] == "0.01"]
    assert len(children(grid)) == len(grid.records) == 12
    assert len(runs) == 6
    assert all(steps(grid, child) == [1, 2, 3, 4, 5, 6] for child in runs)
    assert {child.info.status for child in runs} == {"FINISHED"}
    assert [child.data.tags["thesis.role"] for child in runs].count("baseline") == 2
    written = {path.name for path in grid.folder.results.iterdir()}
    assert {"ranking.md", "ranking.parquet", "hyperparameters.png", "learning-curves.svg"} <= written
    assert grid.model_uri == "models:/repr-digits/1"
    parent = MlflowClient(grid.uri).get_run(grid.run_id)
    assert "best/val/accuracy" in parent.data.metrics
    assert parent.data.tags["best.p"] in ("20", "40")


def test_a_trial_that_diverges_fails_alone(grid):
    by_rate = {rate: [r for r in grid.records if r.config["learning_rate"] == rate] for rate in (0.01, 1e30)}
    assert {record.status for record in by_rate[1e30]} == {"failed"}
    assert all("diverged" in record.error for record in by_rate[1e30])
    assert {record.status for record in by_rate[0.01]} == {"finished"}
    assert {child.info.status for child in children(grid)} == {"FINISHED", "FAILED"}


def test_optuna_tries_each_point_with_every_seed(run, sweep_plan):
    outcome = run(sweep_plan("p=10:40", "s1=1:3", search="optuna", num_samples=3))
    points = [(r.config["p"], r.config["s1"], r.config["seed"]) for r in outcome.records if not r.is_baseline]
    assert len(points) == 6
    assert len({point[:2] for point in points}) == 3
    assert sum(record.is_baseline for record in outcome.records) == 2


def test_a_point_that_the_network_does_not_allow_fails_alone_and_is_not_tried_again(run, sweep_plan):
    # Of the 16 filters of c2-8 at most 43.75 percent may go.
    outcome = run(sweep_plan("p=50:60", search="optuna", num_samples=1, num_seeds=1))
    (candidate,) = (record for record in outcome.records if not record.is_baseline)
    assert candidate.status == "failed"
    assert candidate.error.startswith("p must leave min_filters=1")
    assert [event["event"] for event in read_events(outcome.folder.journal)].count("retry") == 0
    assert [record.status for record in outcome.records if record.is_baseline] == ["finished"]


def test_asha_stops_what_falls_behind_but_never_a_baseline(run, sweep_plan):
    plan = sweep_plan(
        "learning_rate=0.03,0.01,1e-4,1e-5",
        overrides={"epochs": 12, "p": 20.0},
        scheduler="asha",
        num_seeds=1,
    )
    outcome = run(plan, concurrency=1)
    status = {(r.config["learning_rate"], r.is_baseline): r.status for r in outcome.records}
    assert {value for (_, is_baseline), value in status.items() if is_baseline} == {"finished"}
    assert "stopped" in {value for (_, is_baseline), value in status.items() if not is_baseline}


def test_population_based_training_changes_the_candidates_alone(run, sweep_plan):
    plan = sweep_plan(
        "learning_rate=0.05,1e-5", overrides={"epochs": 15, "p": 20.0}, scheduler="pbt", num_seeds=1
    )
    outcome = run(plan)
    rates = {
        (record.config["learning_rate"], record.is_baseline): {row["learning_rate"] for row in record.history}
        for record in outcome.records
    }
    assert rates[1e-5, True] == {1e-5}
    assert {record.status for record in outcome.records} == {"finished"}


@pytest.mark.slow
def test_a_trial_of_two_workers_runs_on_ray_train_and_gives_up_its_resources(run, sweep_plan):
    import ray

    short = {"epochs": 3, "s1": 1}
    resources = Resources(workers=2, cpus_per_worker=0.5)
    plan = sweep_plan("p=20", overrides=short, num_seeds=1, resources=resources)
    outcome = run(plan)
    assert {record.status for record in outcome.records} == {"finished"}
    assert all(len(record.history) == 3 for record in outcome.records)
    assert ray.util.placement_group_table() == {} or {
        group["state"] for group in ray.util.placement_group_table().values()
    } == {"REMOVED"}


def test_more_gpus_than_there_are_is_said_before_anything_trains(run, sweep_plan):
    with pytest.raises(UserError, match="needs 64 GPUs"):
        run(sweep_plan("p=20", resources=Resources(gpus_per_worker=64)))
