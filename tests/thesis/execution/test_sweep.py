import pytest
from mlflow import MlflowClient

from thesis.errors import UserError
from thesis.experiments.plan import Resources

pytestmark = pytest.mark.ray


def children(outcome):
    client = MlflowClient(outcome.uri)
    found = client.search_runs([outcome.experiment_id], max_results=500)
    return [run for run in found if run.data.tags.get("mlflow.parentRunId") == outcome.run_id]


def steps(outcome, run):
    history = MlflowClient(outcome.uri).get_metric_history(run.info.run_id, "val/accuracy")
    return [metric.step for metric in sorted(history, key=lambda metric: metric.step)]


def test_a_grid_runs_every_trial_once_and_leaves_ranking_figures_and_a_model(run, sweep_plan):
    outcome = run(sweep_plan("p=20,40"))
    runs = children(outcome)
    assert len(runs) == len(outcome.records) == 6
    assert all(steps(outcome, child) == [1, 2, 3, 4, 5, 6] for child in runs)
    assert {child.info.status for child in runs} == {"FINISHED"}
    assert [child.data.tags["thesis.role"] for child in runs].count("baseline") == 2
    written = {path.name for path in outcome.folder.results.iterdir()}
    assert {"ranking.md", "ranking.parquet", "hyperparameters.png", "learning-curves.svg"} <= written
    assert outcome.model_uri == "models:/repr-digits/1"
    parent = MlflowClient(outcome.uri).get_run(outcome.run_id)
    assert "best/val/accuracy" in parent.data.metrics
    assert parent.data.tags["best.p"] in ("20", "40")


def test_a_trial_that_diverges_fails_alone(run, sweep_plan):
    outcome = run(sweep_plan("learning_rate=0.01,1e30", overrides={"p": 20.0}, num_seeds=1))
    by_rate = {(r.config["learning_rate"], r.is_baseline): r for r in outcome.records}
    assert by_rate[1e30, False].status == "failed"
    assert "diverged" in by_rate[1e30, False].error
    assert by_rate[0.01, False].status == "finished"
    assert {child.info.status for child in children(outcome)} == {"FINISHED", "FAILED"}


def test_optuna_tries_each_point_with_every_seed(run, sweep_plan):
    outcome = run(sweep_plan("p=10:40", "s1=1:3", search="optuna", num_samples=3))
    points = [(r.config["p"], r.config["s1"], r.config["seed"]) for r in outcome.records if not r.is_baseline]
    assert len(points) == 6
    assert len({point[:2] for point in points}) == 3
    assert sum(record.is_baseline for record in outcome.records) == 2


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

    plan = sweep_plan("p=20", num_seeds=1, resources=Resources(workers=2, cpus_per_worker=0.5))
    outcome = run(plan)
    assert {record.status for record in outcome.records} == {"finished"}
    assert all(len(record.history) == 6 for record in outcome.records)
    assert ray.util.placement_group_table() == {} or {
        group["state"] for group in ray.util.placement_group_table().values()
    } == {"REMOVED"}


def test_more_gpus_than_there_are_is_said_before_anything_trains(run, sweep_plan):
    with pytest.raises(UserError, match="needs 64 GPUs"):
        run(sweep_plan("p=20", resources=Resources(gpus_per_worker=64)))
