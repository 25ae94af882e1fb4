import numpy as np
import pytest

from thesis.reporting.tables.filter_figures import ARRAYS, draw_filters, filter_figure


def layer(value, size=4):
    return np.full((size, size), value)


def drawn_maps(figure):
    return [axes for axes in figure.axes if axes.images]


def test_the_second_layer_is_above_the_diagonal_and_the_first_below_it():
    figure = filter_figure("f", {"lower/standard": layer(0.2), "upper/standard": layer(0.7)})
    (axes,) = drawn_maps(figure)
    shown = np.ma.filled(axes.images[0].get_array(), np.nan)
    assert (shown[0, 3], shown[3, 0]) == (0.7, 0.2)
    assert np.isnan(np.diag(shown)).all()


def test_there_is_a_map_per_training_with_one_scale():
    names = ("standard", "repr")
    arrays = {f"{part}/{name}": layer(0.5) for name in names for part in ("lower", "upper")}
    maps = drawn_maps(filter_figure("f", arrays))
    assert [axes.get_title().splitlines()[0] for axes in maps] == list(names)
    assert [axes.images[0].get_clim() for axes in maps] == [(0, 1), (0, 1)]


def test_what_filters_are_worth_is_counted_whole():
    drops = {"drops/1": np.array([0.0, 4.0, 1.0]), "drops/2": np.array([-1.0, 0.5])}
    figure = filter_figure("f", {"lower/a": layer(0.1), "upper/a": layer(0.1), **drops})
    histogram = next(axes for axes in figure.axes if axes.get_ylabel() == "filters")
    assert sum(patch.get_height() for patch in histogram.patches) == 5
    assert [text.get_text() for text in histogram.get_legend().get_texts()] == ["layer 1", "layer 2"]


def test_layers_of_different_widths_share_no_map():
    with pytest.raises(ValueError, match="layers that share a map must have the same number"):
        filter_figure("f", {"lower/a": layer(0.1), "upper/a": layer(0.1, size=5)})


def test_a_folder_without_arrays_has_no_figure(tmp_path):
    assert draw_filters(tmp_path, "figure-5.2", "title") == []
    np.savez(tmp_path / ARRAYS, **{"lower/a": layer(0.1), "upper/a": layer(0.1)})
    assert [path.suffix for path in draw_filters(tmp_path, "figure-5.2", "title")] == [".png", ".svg"]
