"""Figures of chapters 2 and 3 that are measured from maps: numbers, and the panels that are left for drawing."""

import numpy as np
import pytest
import torch
from PIL import Image

from thesis.execution.inference.compress import compress_files
from thesis.execution.measurements import attacked_maps as measure_attacked_maps
from thesis.execution.measurements import categories as measure_categories
from thesis.execution.measurements import saliency_maps as measure_maps
from thesis.execution.measurements.registry import MEASUREMENTS
from thesis.execution.measurements.request import MeasureRequest
from thesis.reporting.drawing.panels import draw_panels
from thesis.results.findings import DataUsed
from thesis.results.panels import take_panels
from thesis_workloads.saliency.class_activity import ClassActivity
from thesis_workloads.systems.ms_roi.tables import DECLARED


class RedNetwork:
    """Its map is where an image is red; CAM is the same map."""

    input_size, stride = 32, 4

    def activity(self, images):
        maps = torch.nn.functional.avg_pool2d(images[:, :1], 4)
        return ClassActivity(maps=maps, totals=maps.mean((2, 3)))

    def perturbable_layers(self):
        return []


@pytest.fixture(autouse=True)
def network(monkeypatch):
    for module in (measure_maps, measure_attacked_maps):
        name = "load_map_network" if module is measure_maps else "network_of"
        monkeypatch.setattr(module, name, lambda *of, **settings: RedNetwork())


@pytest.fixture
def photographs(tmp_path):
    """Four pictures of which the left quarter is red."""
    folder, generator = tmp_path / "photographs", np.random.default_rng(0)
    folder.mkdir()
    for name in "abcd":
        pixels = generator.integers(0, 30, (64, 96, 3), dtype=np.uint8)
        pixels[:, :24, 0] += 200
        Image.fromarray(pixels).save(folder / f"{name}.png")
    return sorted(folder.iterdir())


@pytest.fixture
def request_of(tmp_path):
    def make(data_dir=None, **settings):
        folder = tmp_path / "results"
        folder.mkdir()
        return MeasureRequest(
            scale="smoke", settings=settings, seeds=(0,), data_dir=data_dir, folder=folder, concurrency=1
        )

    return make


def test_every_declared_figure_has_its_function():
    assert set(DECLARED) <= set(MEASUREMENTS)


def test_the_marked_share_of_each_photograph_is_told_and_drawn(photographs, request_of, monkeypatch):
    monkeypatch.setattr(measure_maps, "natural_photographs", lambda: photographs)
    request = request_of(photographs=("b", "c"), maps=("cam", "ms-roi"), is_upright=True)
    found = measure_maps.measure_samples(request)
    assert [cell.row["map"] for cell in found.cells] == ["cam", "ms-roi"]
    assert all(0.2 < share < 0.3 for cell in found.cells for share in cell.values.values())
    paths = draw_panels(request.folder, "figure-2.4", "maps")
    assert [path.name for path in paths] == ["figure-2.4-pictures.png", "figure-2.4-pictures.svg"]
    assert sorted(path.name for path in request.folder.iterdir()) == sorted(path.name for path in paths)


def test_the_steps_to_a_file_begin_with_the_photograph_and_end_with_both_files(
    photographs, request_of, monkeypatch
):
    monkeypatch.setattr(measure_maps, "natural_photographs", lambda: photographs)
    request = request_of(photographs=("a",), quality=50)
    found = measure_maps.measure_steps(request)
    top, bottom = take_panels(request.folder)
    assert (top[0].values == np.asarray(Image.open(photographs[0]))).all()
    assert [panel.title.split(",")[0] for panel in bottom] == ["mosaic", "file", "plain JPEG"]
    assert [cell.row["quality"] for cell in found.cells] == [30, 40, 50, 60, 70]


def test_a_folder_of_categories_is_measured_in_place_of_the_stand_ins(
    photographs, request_of, monkeypatch, tmp_path
):
    spot = tmp_path / "map.png"
    Image.fromarray(np.tile(np.linspace(0, 255, 96).astype(np.uint8), (64, 1))).save(spot)

    def here(settings, map_file, files, *, measure, workers):
        return compress_files(settings, None, spot, files, measure=measure)

    monkeypatch.setattr(measure_categories, "compress_on_ray", here)
    for category in ("Action", "Pattern"):
        (tmp_path / "data/mit-saliency" / category).mkdir(parents=True)
        (tmp_path / "data/mit-saliency" / category / "1.png").write_bytes(photographs[0].read_bytes())
    found = measure_categories.measure_categories(request_of(tmp_path / "data", quality=50, max_images=0))
    assert [cell.row for cell in found.cells] == [
        {"set": "mit", "category": "action"},
        {"set": "mit", "category": "pattern"},
    ]
    assert found.data.is_published


@pytest.fixture
def attacked(monkeypatch):
    """An attack that moves what is red from the left to the right."""
    clean = torch.zeros(4, 3, 32, 32)
    clean[:, 0, :, :8] = torch.rand(4, 32, 8)
    found = measure_attacked_maps._Attacked(
        ids=torch.arange(4),
        images={"clean": clean, "igsm@0.02": clean.flip(3)},
        data=DataUsed(name="made up"),
    )
    monkeypatch.setattr(measure_attacked_maps, "_attacked", lambda request: found)


def test_a_change_that_lies_on_the_objects_correlates_with_their_map(attacked, request_of):
    found = measure_attacked_maps.measure_perturbations(request_of())
    together = next(cell for cell in found.cells if cell.is_quantity)
    assert together.row == {"a": "mean perturbation", "b": "mean saliency", "attack": "igsm"}
    assert 0.2 < together.values["all"] < 0.8  # one of the two sides that change is the object's


def test_a_map_that_an_attack_turns_over_is_unlike_the_one_before(attacked, request_of):
    request = request_of(num_perturbations=2, perturbation_scale=0.1)
    found = measure_attacked_maps.measure_maps(request)
    similarity = {
        cell.row["map"]: sum(cell.values.values()) / 4
        for cell in found.cells
        if cell.column == "map_similarity"
    }
    assert set(similarity) == {"ms-roi", "aug-ms-roi"}
    assert similarity["ms-roi"] < 0
    assert [panel.title for panel in take_panels(request.folder)[0]][1:3] == ["MS-ROI", "MS-ROI, igsm@0.02"]
