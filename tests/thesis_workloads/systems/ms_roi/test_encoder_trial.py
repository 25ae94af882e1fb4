import dataclasses

import numpy as np
import pytest
import torch
from PIL import Image

from thesis_workloads.contract.reporter import MemoryReporter
from thesis_workloads.saliency.class_activity import ClassActivity
from thesis_workloads.saliency.maps import image_map
from thesis_workloads.saliency.regions import chosen_classes
from thesis_workloads.systems.ms_roi import mapped_photographs
from thesis_workloads.systems.ms_roi.config import RegionEncoderConfig
from thesis_workloads.systems.ms_roi.encoder_trial import drawn, measure, validate


class CornerNetwork:
    """Three classes that look at red, green and blue, and how often it was asked."""

    input_size, stride, num_asked = 64, 8, 0

    def activity(self, images):
        self.num_asked += 1
        maps = torch.nn.functional.avg_pool2d(images, 8)
        return ClassActivity(maps=maps, totals=maps.mean((2, 3)))

    def perturbable_layers(self):
        return []


@pytest.fixture
def network(monkeypatch):
    network = CornerNetwork()
    monkeypatch.setattr(mapped_photographs, "_network", lambda config: network)
    return network


@pytest.fixture
def config(tmp_path):
    folder = tmp_path / "photographs"
    folder.mkdir()
    generator = np.random.default_rng(0)
    for number in range(6):
        pixels = generator.integers(0, 60, (96, 128, 1), dtype=np.uint8).repeat(3, axis=2)
        pixels[16:56, 24:80, number % 3] += 190
        Image.fromarray(pixels).save(folder / f"{number}.png")
    (folder / "text.jpg").write_text("text")
    return RegionEncoderConfig(data=str(folder), epochs=2, q_low=10, q_high=90, rounding="keep")


def last(config, data):
    reporter = MemoryReporter()
    measure(config, data, reporter)
    return reporter.rows[-1]


def test_every_setting_shares_maps_that_one_run_of_the_network_made(network, config, caplog):
    data = mapped_photographs.load(config)
    assert network.num_asked == 6
    assert "text.jpg" in caplog.text
    for classes in ("top-1", "above-0.1"):
        last(dataclasses.replace(config, classes=classes), data)
    assert network.num_asked == 6


@pytest.mark.parametrize("classes", ["top-1", "top-5", "above-0.15"])
def test_a_kept_map_is_the_one_that_compress_makes(network, config, classes):
    photograph = mapped_photographs.load(config).val[0]
    top_k, threshold = chosen_classes(classes)
    kept = photograph.region_map(top_k=top_k, threshold=threshold, size=64, stride=8)
    image = Image.fromarray(photograph.pixels.numpy())
    assert torch.equal(kept, image_map(network, image, top_k=top_k, threshold=threshold))


def test_content_aware_files_are_better_where_it_counts_and_as_large(network, config):
    data = mapped_photographs.load(config)
    guided = last(config, data)
    plain = last(dataclasses.replace(config, encoder="plain"), data)
    assert guided["val/psnr_s"] > plain["val/psnr_s"] + 0.5
    assert guided["test/psnr_s"] > plain["test/psnr_s"] + 0.5
    assert guided["val/within_tolerance"] == plain["val/size_ratio"] == 1.0


def test_parts_share_no_photograph_and_a_seed_draws_half_of_each(network, config):
    data = mapped_photographs.load(config)
    assert not {each.name for each in data.val} & {each.name for each in data.test}
    draws = {tuple(each.name for each in drawn(data.test, seed=seed)) for seed in range(8)}
    assert {len(each) for each in draws} == {2}
    assert len(draws) > 1


@pytest.mark.parametrize(
    "change",
    [
        {"classes": "top-0"},
        {"classes": "five"},
        {"classes": "above-nan"},
        {"encoder": "none"},
        {"num_levels": 0},
        {"quality": 0},
        {"q_low": 80},
    ],
)
def test_a_wrong_setting_is_named(change):
    with pytest.raises(ValueError, match=next(iter(change))):
        validate(RegionEncoderConfig(**change))
