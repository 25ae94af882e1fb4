import pytest

from thesis.tracking.journal import Journal, read_events
from thesis.tracking.records import read_records


@pytest.fixture
def path(tmp_path):
    return tmp_path / "journal.jsonl"


def write(journal, trial="a", epochs=range(1, 4)):
    journal.start(trial, name=f"trial {trial}", config={"seed": 0, "lr": 0.1}, is_baseline=False)
    for epoch in epochs:
        journal.epoch(trial, {"epoch": epoch, "val/accuracy": epoch / 10})


def steps(path, trial="a"):
    return [e["metrics"]["epoch"] for e in read_events(path) if e["event"] == "epoch" and e["trial"] == trial]


def test_epochs_run_again_after_a_crash_are_written_once(path):
    write(Journal(path))
    journal = Journal(path)
    write(journal, epochs=range(2, 6))
    assert steps(path) == [1, 2, 3, 4, 5]


def test_a_line_torn_by_a_crash_is_dropped(path):
    write(Journal(path))
    with path.open("a") as file:
        file.write('{"event": "epoch", "trial": "a", "metr')
    write(Journal(path), epochs=range(3, 5))
    assert steps(path) == [1, 2, 3, 4]


def test_a_line_that_is_still_being_written_is_not_read(path):
    write(Journal(path))
    with path.open("a") as file:
        file.write('{"event": "end"')
    assert len(list(read_events(path))) == 4


def test_a_killed_trial_has_not_ended_but_a_finished_one_has(path):
    journal = Journal(path)
    write(journal, "a")
    write(journal, "b")
    journal.end("a", status="finished")
    journal.end("b", status="killed", is_final=False)
    assert Journal(path).ended() == {"a"}
    assert journal.counts() == (2, 1)


def test_a_trial_keeps_its_first_configuration(path):
    journal = Journal(path)
    write(journal)
    journal.start("a", name="a", config={"lr": 0.2}, is_baseline=False)
    assert [e["config"] for e in read_events(path) if e["event"] == "start"] == [{"seed": 0, "lr": 0.1}] * 2


def test_running_trials_are_those_without_an_end(path):
    journal = Journal(path)
    write(journal, "a")
    write(journal, "b")
    journal.end("b", status="failed", error="diverged")
    assert journal.unended() == ["a"]


def test_records_have_the_history_and_the_end_of_each_trial(path):
    journal = Journal(path)
    write(journal, "a")
    write(journal, "b", epochs=[1])
    journal.end("a", status="finished")
    journal.end("b", status="failed", error="diverged")
    first, second = read_records(read_events(path))
    assert (first.status, len(first.history), first.history[-1]["val/accuracy"]) == ("finished", 3, 0.3)
    assert (second.status, second.error) == ("failed", "diverged")


def test_time_between_a_kill_and_the_resume_does_not_count(path, monkeypatch):
    now = iter([0.0, 1.0, 2.0, 100.0, 103.0])
    monkeypatch.setattr("thesis.tracking.journal.time.time", lambda: next(now))
    journal = Journal(path)
    journal.start("a", name="a", config={}, is_baseline=False)
    journal.epoch("a", {"epoch": 1})
    journal.end("a", status="killed", is_final=False)
    journal.start("a", name="a", config={}, is_baseline=False)
    journal.epoch("a", {"epoch": 2})
    assert read_records(read_events(path))[0].wall_s == pytest.approx(5.0)
