from types import SimpleNamespace

import pytest
import torch
from PIL import Image

from thesis.execution.inference import saliency as picture_maps
from thesis_workloads.contract.errors import UserError
from thesis_workloads.contract.reporter import MemoryReporter
from thesis_workloads.saliency.maps import image_map
from thesis_workloads.systems.ms_roi.config import RegionNetworkConfig
from thesis_workloads.systems.ms_roi.state import load_model
from thesis_workloads.systems.ms_roi.train import train

TINY = RegionNetworkConfig(
    image_size=16, num_train=8, num_val=4, stages=2, width=2, maps_per_class=1, epochs=1, batch_size=8
)


def test_a_training_of_ms_roi_makes_the_maps_where_its_run_is_named(tmp_path, monkeypatch):
    from thesis_workloads.systems.ms_roi.data import load

    reporter = MemoryReporter()
    train(TINY, load(TINY, None), reporter)
    asked = []

    def found(system, output_dir, run):
        asked.append((system.name, output_dir, run))
        return SimpleNamespace(state=reporter.state)

    monkeypatch.setattr(picture_maps, "find_best_model", found)
    make_map = picture_maps.load_picture_map(None, "above-0", tmp_path / "msroi-train-1")
    picture = Image.linear_gradient("L").convert("RGB")
    expected = image_map(load_model(reporter.state), picture, threshold=0.0)
    assert torch.equal(make_map(picture), expected)
    assert asked == [("ms-roi", tmp_path, "msroi-train-1")]


def test_classes_that_are_none_are_named():
    with pytest.raises(UserError, match="--classes must be top-K"):
        picture_maps.load_picture_map(None, "five")
