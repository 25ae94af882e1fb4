import pytest
from matplotlib.patches import Rectangle

from thesis.reporting.drawing.style import save
from thesis.reporting.sweeps.heat_maps import heat_maps

SPACE = {"num_deflections": (10, 100), "window": (5, 10, 50), "sigma": (0.01, 0.04)}
AXES = {"rows": "num_deflections", "columns": "window", "panels": "sigma", "metric": "val/accuracy"}


@pytest.fixture
def records(make_sweep):
    def effect(point):
        is_best = (point["num_deflections"], point["window"], point["sigma"]) == (100, 10, 0.04)
        return 0.05 * is_best

    return make_sweep(SPACE, effect=effect, deviation=0.001)


def texts(axes):
    return [text.get_text() for text in axes.texts]


def test_there_is_a_panel_per_value_and_a_number_per_cell(records):
    figure = heat_maps(records, **AXES)
    panels = [axes for axes in figure.axes if axes.images]
    assert [len(texts(axes)) for axes in panels] == [6, 6]
    assert [axes.get_title().splitlines()[0] for axes in panels] == ["sigma 0.01", "sigma 0.04"]


def test_the_best_cell_is_framed_where_it_stands(records):
    figure = heat_maps(records, **AXES)
    frames = [
        (axes.get_title(), patch)
        for axes in figure.axes
        for patch in axes.patches
        if isinstance(patch, Rectangle)
    ]
    ((title, frame),) = frames
    assert title.startswith("sigma 0.04")
    assert (frame.get_x() + 0.5, frame.get_y() + 0.5) == (1, 1)


def test_a_setting_that_never_finished_leaves_its_cell_empty(records):
    import dataclasses

    unfinished = [
        dataclasses.replace(record, status="stopped")
        if not record.is_baseline and record.config["window"] == 50
        else record
        for record in records
    ]
    panels = [axes for axes in heat_maps(unfinished, **AXES).axes if axes.images]
    assert [len(texts(axes)) for axes in panels] == [4, 4]


def test_a_sweep_without_a_finished_trial_is_said_to_have_nothing(tmp_path):
    figure = heat_maps([], **AXES)
    assert texts(figure.axes[0]) == ["no trial finished"]
    assert [path.suffix for path in save(figure, tmp_path, "empty")] == [".png", ".svg"]
