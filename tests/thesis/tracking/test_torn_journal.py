"""Journals that a crash left torn or damaged are read as far as they go, and written on."""

import json
import tempfile
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from many_inputs import many_inputs

from thesis.tracking.journal import Journal, read_events, read_events_with_offsets
from thesis.tracking.records import read_records


def written(path):
    journal = Journal(path)
    for trial in ("a", "b"):
        journal.start(trial, name=trial, config={"seed": 0}, is_baseline=trial == "a")
        for epoch in (1, 2):
            journal.epoch(trial, {"epoch": epoch, "val/accuracy": 0.5})
    journal.end("a", status="finished")
    journal.close()
    return path.read_bytes()


def test_a_journal_torn_at_any_byte_keeps_every_whole_event_and_goes_on(tmp_path):
    whole = written(tmp_path / "whole.jsonl")
    for size in range(len(whole) + 1):
        path = tmp_path / "torn.jsonl"
        path.write_bytes(whole[:size])
        journal = Journal(path)
        journal.start("c", name="c", config={}, is_baseline=False)
        journal.close()
        events = list(read_events(path))
        assert len(events) == whole[:size].count(b"\n") + 1
        assert events[-1]["trial"] == "c"
        assert read_records(events)


@many_inputs
@given(changes=st.lists(st.tuples(st.floats(0, 1), st.binary(max_size=5)), min_size=1, max_size=4))
def test_a_damaged_journal_loses_the_damaged_lines_alone(changes):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "journal.jsonl"
        data = bytearray(written(path))
        for share, new in changes:
            at = int(share * len(data))
            data[at : at + max(1, len(new))] = new
        path.write_bytes(bytes(data))
        journal = Journal(path)
        journal.start("c", name="c", config={}, is_baseline=False)
        journal.close()
        events = list(read_events(path))
        assert events[-1]["trial"] == "c"
        read_records(events)
        assert [offset for _, offset in read_events_with_offsets(path)][-1] == path.stat().st_size


events = st.dictionaries(
    st.sampled_from(
        (
            "event",
            "trial",
            "time_ms",
            "metrics",
            "status",
            "error",
            "is_final",
            "name",
            "config",
            "is_baseline",
        )
    ),
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.sampled_from(("start", "epoch", "end", "finished")),
)


@many_inputs
@given(lines=st.lists(events, max_size=4))
def test_lines_that_are_no_events_are_left_out(lines):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "journal.jsonl"
        path.write_text("".join(json.dumps(line) + "\n" for line in lines))
        Journal(path).close()
        read_records(read_events(path))
