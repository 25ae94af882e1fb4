import numpy as np
import pytest

from thesis.reporting.evaluation.example_images import (
    deflection_counts,
    location_figure,
    probability_figure,
    write_example_images,
)
from thesis_workloads.systems.pixel_deflection.experiment import DEFENSES


@pytest.fixture
def arrays():
    generator = np.random.default_rng(0)
    flat, coloured = (lambda: generator.random((8, 8))), (lambda: generator.random((8, 8, 3)))
    found = {"example/image": coloured(), "where/object": flat(), "where/fgsm": flat(), "where/cw": flat()}
    for count in (100, 1000):
        found |= {f"example/deflected-{count}": coloured(), f"example/denoised-{count}": coloured()}
    for attack in ("clean", "fgsm"):
        found |= {f"example/cam/{attack}": flat(), f"example/rcam/{attack}": flat()}
    return found


def test_everything_there_is_something_for_is_written(arrays, tmp_path):
    written = {path.stem for path in write_example_images(tmp_path, arrays, [], [])}
    assert written == {"example-deflected", "perturbations", "example-maps"}
    assert write_example_images(tmp_path, {}, [], []) == []


def test_every_map_of_changes_is_drawn_to_its_own_maximum(arrays):
    panels = location_figure(arrays).axes
    assert [axes.get_title() for axes in panels] == ["robust activation map", "fgsm", "cw"]
    assert all(float(axes.images[0].get_array().max()) == 1 for axes in panels)


def test_a_curve_is_made_of_defences_that_differ_in_k_alone():
    chosen = [DEFENSES[name] for name in ("none", "d10", "d1000", "w5", "jpeg")]
    assert deflection_counts(chosen) == {"d10": 10, "d1000": 1000}


def test_the_probability_is_drawn_against_k_in_order():
    rows = [
        {"attack": "clean", "defense": name, "probability": value, "undefended_probability": 0.9}
        for name, value in (("d1000", 0.3), ("d10", 0.8), ("jpeg", 0.1))
    ]
    curve = probability_figure(rows, {"d10": 10, "d1000": 1000}).axes[0].lines[0]
    assert list(curve.get_xdata()) == [10, 1000]
    assert list(curve.get_ydata()) == [0.8, 0.3]
