import pytest
from mlflow import MlflowClient

from thesis.execution.training.workloads import find_workload, load_data
from thesis_workloads.contract.reporter import MemoryReporter

pytestmark = pytest.mark.ray


@pytest.fixture(scope="module")
def plan(train_plan):
    return train_plan(workers=2, device="cpu")


@pytest.fixture(scope="module")
def trained(run_once, plan):
    return run_once(plan)


def test_a_training_is_one_run_with_every_epoch_and_the_test_part_read_once(trained):
    client = MlflowClient(trained.uri)
    found = client.search_runs([trained.experiment_id])
    assert [r.info.run_id for r in found] == [trained.run_id]
    assert [m.step for m in client.get_metric_history(trained.run_id, "val/accuracy")] == [1, 2, 3, 4, 5, 6]
    assert [m.step for m in client.get_metric_history(trained.run_id, "test/accuracy")] == [6]


def test_two_workers_give_the_numbers_of_one_that_knows_nothing_of_ray(trained, plan):
    workload, reporter = find_workload(plan.system), MemoryReporter(keep_state=False)
    workload.train(plan.config, load_data(workload, plan.config, None), reporter)
    ours, theirs = trained.records[0].history, reporter.rows
    assert len(ours) == len(theirs)
    assert ours[-1]["val/loss"] == pytest.approx(theirs[-1]["val/loss"], rel=1e-3)
    assert ours[-1]["test/accuracy"] == pytest.approx(theirs[-1]["test/accuracy"], abs=2e-3)


def test_a_training_that_diverges_says_so(run, train_plan):
    outcome = run(train_plan(learning_rate=1e30))
    assert outcome.records[0].status == "failed"
    assert "learning_rate=1e+30" in outcome.records[0].error
