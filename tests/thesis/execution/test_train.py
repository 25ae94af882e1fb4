import pytest
from mlflow import MlflowClient

pytestmark = pytest.mark.ray


@pytest.fixture(scope="module")
def trained(run_once, train_plan):
    """By one worker."""
    return run_once(train_plan())


def test_a_training_is_one_run_with_every_epoch_and_the_test_part_read_once(trained):
    client = MlflowClient(trained.uri)
    found = client.search_runs([trained.experiment_id])
    assert [r.info.run_id for r in found] == [trained.run_id]
    assert [m.step for m in client.get_metric_history(trained.run_id, "val/accuracy")] == [1, 2, 3, 4, 5, 6]
    assert [m.step for m in client.get_metric_history(trained.run_id, "test/accuracy")] == [6]


def test_two_workers_give_the_numbers_of_one(trained, run, train_plan):
    two = run(train_plan(workers=2))
    last_one, last_two = (outcome.records[0].history[-1] for outcome in (trained, two))
    assert last_two["val/loss"] == pytest.approx(last_one["val/loss"], rel=1e-3)
    assert last_two["test/accuracy"] == pytest.approx(last_one["test/accuracy"], abs=2e-3)


def test_a_training_that_diverges_says_so(run, train_plan):
    outcome = run(train_plan(learning_rate=1e30))
    assert outcome.records[0].status == "failed"
    assert "learning_rate=1e+30" in outcome.records[0].error
