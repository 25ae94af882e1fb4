"""A sweep that is larger than its cluster, which grows while the sweep runs."""

import pytest
import ray_nodes as _nodes

from thesis.tracking.journal import read_events

pytestmark = [pytest.mark.ray, pytest.mark.slow]

NUM_TRIALS = 8
COMMAND = [
    "sweep", "repr", "--scale", "smoke", "--seeds", "4", "--space", "p=30", "--set", "epochs=200", "--set", "s1=2",
    "--set", "s2=1", "--set", "n=1",
]  # fmt: skip


def at_once(events):
    """Returns how many trials ran after each event."""
    running, counts = set(), []
    for event in events:
        if event["event"] == "start":
            running.add(event["trial"])
        elif event["event"] == "end":
            running.discard(event["trial"])
        counts.append(len(running))
    return counts


def test_trials_wait_for_the_only_node_and_start_on_one_that_joins(tmp_path):
    with _nodes.ray_nodes() as nodes:
        nodes.start_head(num_cpus=0)
        first = nodes.start_worker()
        job = nodes.thesis(
            "submit", "--no-wait", "--", *COMMAND, "--output-dir", str(tmp_path)
        ).stdout.strip()
        _nodes.wait_until(lambda: list(tmp_path.glob("*/journal.jsonl")), "a journal")
        (path,) = tmp_path.glob("*/journal.jsonl")

        def num_ended():
            return sum(event["event"] == "end" for event in read_events(path))

        _nodes.wait_until(lambda: num_ended() >= 1 and nodes.trials_on(first), "a trial that has ended")
        before = list(read_events(path))
        second = nodes.start_worker()
        _nodes.wait_until(lambda: nodes.trials_on(second), "a trial on the node that joined")
        left = NUM_TRIALS - num_ended()
        done = nodes.thesis("jobs", "logs", "--follow", job)
        assert done.returncode == 0, done.stdout + done.stderr
    events = list(read_events(path))
    assert left > 1
    assert max(at_once(before)) == 1
    assert max(at_once(events)) == 2
    ended = [event["trial"] for event in events if event["event"] == "end" and event["status"] == "finished"]
    assert len(ended) == len(set(ended)) == NUM_TRIALS
