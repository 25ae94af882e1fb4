"""What a report says of runs and of what they took, and how it keeps pictures small."""

import base64
import io
import json

import numpy as np
from PIL import Image

from thesis.reporting.page.content import Picture
from thesis.reporting.page.images import embed
from thesis.reporting.page.runs import read_runs
from thesis.tracking.journal import Journal


def test_other_pictures_of_a_table_and_those_of_runs_are_linked(page):
    files = [link["href"] for link in page.all("a") if not link["href"].startswith(("#", "http"))]
    assert files == ["../pictures/a%20curve.png", "../repr-train-1/results/learning-curves.png"]


def test_a_run_that_was_killed_is_shown_with_its_progress_and_the_command_that_resumes_it(written, page):
    (run,) = written[0].runs
    assert (run.state, run.num_ended, run.num_planned) == ("unfinished", 0, 1)
    text = "".join(page.texts)
    assert "1 of 1 runs is unfinished or failed: repr-train-1" in text
    assert "resume it with: thesis resume repr-train-1" in text


def test_runs_that_failed_or_can_not_be_read_count_as_failed_and_finished_ones_do_not(output_dir):
    run = output_dir / "repr-train-1"
    journal = Journal(run / "journal.jsonl")
    journal.end("trial-1", status="failed", error="loss is not finite")
    (run / "complete").touch()
    torn = output_dir / "repr-train-2"
    torn.mkdir()
    (torn / "plan.json").write_text('{"plan"')
    lone = output_dir / "pixel-deflection-evaluate-1"
    lone.mkdir()
    (lone / "evaluation.json").write_text("{}")
    runs = {run.name: run for run in read_runs(output_dir)}
    assert {name: run.state for name, run in runs.items()} == {
        "repr-train-1": "failed",
        "repr-train-2": "failed",
        "pixel-deflection-evaluate-1": "unfinished",
    }
    assert "loss is not finite" in runs["repr-train-1"].detail
    journal.end("trial-1", status="finished")
    assert {run.state for run in read_runs(output_dir) if run.name == "repr-train-1"} == {"complete"}


def test_a_run_costs_the_cores_that_its_trials_held(output_dir):
    path = output_dir / "repr-train-1" / "journal.jsonl"
    events = [json.loads(line) for line in path.read_text().splitlines()]
    events[1]["time_ms"] = events[0]["time_ms"] + 1_800_000
    path.write_text("".join(json.dumps(event) + "\n" for event in events))
    (run,) = read_runs(output_dir)
    assert (run.core_s, run.wall_s) == (3600.0, 1800.0)


def test_the_cost_of_tables_is_shown_one_by_one_and_together(page):
    texts = page.texts[page.texts.index("Cost of the tables") :]
    assert texts[texts.index("table-5.1") :][:6] == ["table-5.1", "small", "9", "3", "2", "90 s"]
    assert texts[texts.index("all") :][1:5] == ["18", "6", "4", "3 min"]


def test_large_pictures_are_made_small(tmp_path):
    noise = np.random.default_rng(0).integers(0, 256, (900, 2400, 3), dtype=np.uint8)
    lines = np.full((800, 2400, 3), 255, dtype=np.uint8)
    lines[np.arange(800), np.random.default_rng(0).integers(0, 2400, 800)] = (0, 114, 178)
    for name, pixels in {"noise": noise, "lines": lines}.items():
        path = tmp_path / f"{name}.png"
        Image.fromarray(pixels).save(path, compress_level=0)
        image = embed(Picture(path=path, title="t", caption="c"))
        content = base64.b64decode(image.address.partition("base64,")[2])
        assert len(content) < path.stat().st_size / 10
        with Image.open(io.BytesIO(content)) as shown:
            assert shown.width == 1200
