"""Errors of other processes are told in one line, in our own words where there are some."""

from thesis.execution.cluster.remote_errors import one_line
from thesis_workloads.datasets.errors import DatasetDamaged

OURS = "/data/a.gz must be a whole gzip file, got one that is cut off or damaged (end): fetch it again"


def wrapped(text):
    """An error as Ray Data hands it on: the task's own is in the text alone."""
    error = RuntimeError(
        f"ray::MapBatches()\nTraceback ...\nthesis.DatasetDamaged: {text}\n\nTo change retries, set x."
    )
    outer = RuntimeError("task failed\nTo change retries, set x.")
    outer.cause = error
    return outer


def test_our_own_words_are_found_wherever_they_stand():
    assert one_line(wrapped(OURS)) == OURS
    assert one_line(DatasetDamaged(OURS)).endswith(OURS)


def test_other_errors_are_their_last_line_of_substance():
    error = RuntimeError("Traceback\n  a line\nKeyError: 'x'\n\nTo change retries, set x.")
    assert one_line(error) == "RuntimeError: KeyError: 'x'"
    assert one_line(RuntimeError()) == "RuntimeError"


def test_causes_that_go_round_in_a_circle_end():
    error = RuntimeError("a")
    error.cause = error
    assert one_line(error) == "RuntimeError: a"
