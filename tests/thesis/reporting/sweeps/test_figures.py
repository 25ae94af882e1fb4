import math
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest
from matplotlib.collections import PathCollection
from PIL import Image

from thesis.reporting.drawing.style import save
from thesis.reporting.sweeps.hyperparameters import metric_against_hyperparameters
from thesis.reporting.sweeps.learning_curves import curve_of, learning_curves, phase_spans, single_run_curves
from thesis.reporting.sweeps.parallel_coordinates import parallel_coordinates
from thesis.reporting.sweeps.trial_values import last_value
from thesis.statistics.intervals import t_interval

SPACE = {
    "s1": [5, 10, 20],
    "s2": [2, 5],
    "p": [10.0, 30.0, 50.0],
    "n": [2, 3],
    "metric": ["ortho", "weights", "random", "oracle"],
    "optimizer": ["sgd", "momentum", "adam"],
}


def text_of(figure):
    figure.draw_without_rendering()
    return [text for text in figure.findobj(lambda artist: hasattr(artist, "get_text")) if text.get_text()]


def words_in(figure):
    return " ".join(text.get_text().replace("\n", " ") for text in text_of(figure))


def drawn_points(axes):
    """Returns (N, 2): where the scattered points lie."""
    groups = [group for group in axes.collections if isinstance(group, PathCollection)]
    return np.concatenate([np.asarray(group.get_offsets()) for group in groups])


def test_every_searched_hyperparameter_has_a_panel(make_sweep):
    figure = metric_against_hyperparameters(make_sweep(SPACE, num_trials=14))
    assert [axes.get_xlabel() for axes in figure.axes] == [
        "S1, epochs of the full network",
        "S2, epochs of the sub-network",
        "p, % of filters pruned",
        "N, rounds",
        "ranking metric",
        "optimizer",
    ]


def test_every_finished_trial_is_a_point_at_its_accuracy(make_sweep):
    records = make_sweep({"p": [10.0, 30.0], "s1": [5, 10]})
    expected = sorted(
        100 * last_value(record, "val/accuracy") for record in records if not record.is_baseline
    )
    for axes in metric_against_hyperparameters(records).axes:
        assert sorted(drawn_points(axes)[:, 1]) == pytest.approx(expected)


def test_the_mean_and_interval_of_a_value_are_over_its_trials(make_sweep):
    records = make_sweep({"p": [10.0, 30.0]}, seeds=(0, 1, 2, 3))
    (axes,) = metric_against_hyperparameters(records).axes
    heights = [100 * last_value(record, "val/accuracy") for record in records[:4]]
    marker, _, (bars,) = axes.containers[0].lines
    assert marker.get_ydata()[0] == pytest.approx(np.mean(heights))
    drawn = bars.get_segments()[0][:, 1]
    assert (drawn[1] - drawn[0]) / 2 == pytest.approx(t_interval(heights).half_width)


def test_with_one_seed_no_interval_is_drawn(make_sweep):
    (axes,) = metric_against_hyperparameters(make_sweep({"p": [10.0, 20.0, 30.0]}, seeds=(0,))).axes
    assert axes.containers == []


def test_failed_trials_are_absent(make_sweep, make_record):
    records = make_sweep({"p": [10.0, 30.0]})
    failed = make_record("f", config={"p": 50.0}, status="failed", epochs=3)
    (axes,) = metric_against_hyperparameters([*records, failed]).axes
    assert len(drawn_points(axes)) == 6
    assert [label.get_text() for label in axes.get_xticklabels()] == ["10", "30"]


def test_the_baselines_mean_is_a_line_across(make_sweep):
    records = make_sweep({"p": [10.0, 30.0]})
    (axes,) = metric_against_hyperparameters(records).axes
    mean = 100 * np.mean([last_value(record, "val/accuracy") for record in records if record.is_baseline])
    dashed = [line for line in axes.lines if line.get_linestyle() == "--"]
    assert [line.get_ydata()[0] for line in dashed] == pytest.approx([mean])


def test_without_a_baseline_the_legend_does_not_name_one(make_sweep):
    records = make_sweep({"p": [10.0, 30.0]}, baseline=False)
    assert "baseline" not in words_in(metric_against_hyperparameters(records))
    assert "baseline" not in words_in(parallel_coordinates(records))


def test_a_parameter_over_decades_has_a_logarithmic_axis(make_record):
    records = [make_record(f"{i}", config={"learning_rate": 10 ** (-4 + i / 5)}) for i in range(15)]
    (axes,) = metric_against_hyperparameters(records).axes
    assert axes.get_xscale() == "log"


def test_labels_do_not_overlap_with_six_hyperparameters(make_sweep):
    for draw in (metric_against_hyperparameters, parallel_coordinates):
        figure = draw(make_sweep(SPACE, num_trials=14))
        figure.draw_without_rendering()
        labels = [label for axes in figure.axes for label in [*axes.get_xticklabels(), axes.xaxis.label]]
        boxes = [label.get_window_extent().padded(-1) for label in labels if label.get_text()]
        assert len(boxes) >= 6
        assert not any(a.overlaps(b) for place, a in enumerate(boxes) for b in boxes[place + 1 :])


def test_parallel_coordinates_has_a_line_per_finished_trial(make_sweep, make_record):
    records = make_sweep({"s1": [5, 10], "p": [10.0, 30.0]})
    failed = make_record("f", config={"s1": 5, "p": 30.0}, status="failed", epochs=3)
    figure = parallel_coordinates([*records, failed])
    assert len(figure.axes[0].patches) == 12


def test_the_lines_of_parallel_coordinates_end_at_their_metric(make_sweep):
    records = make_sweep({"p": [10.0, 20.0, 30.0]}, seeds=(0,), baseline=False)
    figure = parallel_coordinates(records)
    ends = sorted(patch.get_path().vertices[-1][1] for patch in figure.axes[0].patches)
    values = sorted(last_value(record, "val/accuracy") for record in records)
    assert (ends[1] - ends[0]) / (ends[2] - ends[0]) == pytest.approx(
        (values[1] - values[0]) / (values[2] - values[0])
    )


def test_a_sweep_without_a_finished_trial_says_so(make_record):
    records = [make_record("f", config={"p": 1}, status="failed", epochs=0)]
    for draw in (metric_against_hyperparameters, parallel_coordinates):
        assert "no trial finished" in words_in(draw(records, searched=["p"]))


def test_phases_are_shaded_from_the_epoch_before_to_their_last(make_record):
    record = make_record(config={"s1": 10, "s2": 5, "n": 2})
    assert phase_spans([record]) == [(10.0, 15.0), (25.0, 30.0)]


def test_standard_training_has_no_phases(make_record):
    assert phase_spans([make_record(is_baseline=True)]) == []


def test_a_curve_is_mean_and_interval_per_epoch(make_record):
    records = [make_record(f"{seed}", final=0.9 + seed / 50, seed=seed) for seed in range(3)]
    curve = curve_of(records, "val/accuracy")
    last = t_interval([100 * record.history[-1]["val/accuracy"] for record in records])
    assert (curve.epochs[0], curve.epochs[-1]) == (1, 40)
    assert (curve.means[-1], curve.lows[-1], curve.highs[-1]) == pytest.approx(
        (last.mean, last.low, last.high)
    )


def test_training_stands_left_and_validation_right_with_phases_in_both(make_record):
    best = [make_record(f"{seed}", config={"s1": 10, "s2": 5, "n": 2}, seed=seed) for seed in range(2)]
    figure = learning_curves(best, [make_record("b", is_baseline=True)])
    assert [axes.get_ylabel() for axes in figure.axes] == ["training accuracy, %", "validation accuracy, %"]
    assert [len(axes.patches) for axes in figure.axes] == [2, 2]
    assert [len(axes.collections) for axes in figure.axes] == [1, 1]  # two seeds have a band, one has none


def test_both_panels_have_one_scale_that_shows_the_whole_end(make_record):
    best = [make_record(f"{seed}", final=0.95, seed=seed) for seed in range(2)]
    left, right = learning_curves(best, []).axes
    assert left.get_ylim() == right.get_ylim()
    assert left.get_ylim()[0] < 90 < 100 < left.get_ylim()[1]


def test_what_trains_nothing_is_drawn_over_the_images_it_has_seen(make_record):
    figure = learning_curves([make_record()], [], metrics=["val/accuracy"], is_training=False)
    assert figure.axes[0].get_xlabel() == "step through the images"
    assert "Over the images seen so far" in words_in(figure)


def test_one_run_shows_accuracy_loss_and_its_test_result(make_record):
    figure = single_run_curves(make_record(final=0.9))
    assert [axes.get_ylabel() for axes in figure.axes] == ["accuracy, %", "loss"]
    assert "test accuracy, 89.0 % at the end" in words_in(figure)


def test_a_run_that_diverged_at_once_can_be_drawn(make_record):
    record = make_record(status="failed", epochs=1, final=math.nan)
    record.history[0].update({key: math.nan for key in record.history[0] if key != "epoch"})
    assert "no epoch was reported" in words_in(single_run_curves(record))


def test_figures_are_saved_as_png_of_1200_by_800_and_as_svg(make_record, tmp_path):
    png, svg = save(single_run_curves(make_record()), tmp_path / "made", "curves")
    with Image.open(png) as image:
        assert image.size == (1200, 800)
    assert ElementTree.parse(svg).getroot().tag.endswith("svg")


def test_the_same_records_give_the_same_files(make_sweep, tmp_path):
    records = make_sweep({"p": [10.0, 30.0]})
    first, second = (
        [path.read_bytes() for path in save(metric_against_hyperparameters(records), tmp_path / name, "f")]
        for name in "ab"
    )
    assert first == second
