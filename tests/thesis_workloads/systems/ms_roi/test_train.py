import dataclasses

import numpy as np
import pytest
import torch
from PIL import Image

from thesis_workloads.contract.reporter import MemoryReporter
from thesis_workloads.datasets.errors import DatasetMissing
from thesis_workloads.datasets.images.composites import backgrounds, composites, held_out
from thesis_workloads.datasets.images.cutouts import Cutout, shapes
from thesis_workloads.saliency.maps import region_map
from thesis_workloads.systems.ms_roi.config import RegionNetworkConfig
from thesis_workloads.systems.ms_roi.data import LabelledPart, RegionData, load
from thesis_workloads.systems.ms_roi.model import RegionNetwork
from thesis_workloads.systems.ms_roi.size import size_of
from thesis_workloads.systems.ms_roi.state import load_model, load_model_file
from thesis_workloads.systems.ms_roi.train import build_network, train
from thesis_workloads.systems.ms_roi.validation import validate

SMALL = RegionNetworkConfig(
    image_size=16, num_train=24, num_val=16, stages=2, width=4, maps_per_class=2, epochs=3, batch_size=10
)


@pytest.fixture(scope="module")
def data():
    return load(SMALL, None)


def test_it_fits_a_few_scenes():
    """Red on the left, green on the right, both or neither: image-level labels are enough to find each."""
    images = torch.full((4, 3, 16, 16), 90, dtype=torch.uint8)
    labels = torch.tensor([[0.0, 0], [1, 0], [0, 1], [1, 1]])
    images[1::2, 0, 4:12, 0:8] = 255
    images[2:, 1, 4:12, 8:16] = 255
    masks = torch.zeros(4, 16, 16, dtype=torch.bool)
    masks[1::2, 4:12, 0:8] = True
    masks[2:, 4:12, 8:16] = True
    part = LabelledPart(images=images, labels=labels, masks=masks)
    few = RegionData(
        train=part, val=part, test=part, class_names=("red", "green"), name="few", version="1", digest="few"
    )
    config = dataclasses.replace(SMALL, epochs=50, batch_size=4, width=8, learning_rate=2e-2)
    reporter = MemoryReporter()
    network = train(config, few, reporter)
    last = reporter.rows[-1]
    assert last["train/loss"] < 0.15  # 0.6 at first
    assert last["test/ms-roi_mass_inside"] > last["test/uniform_mass_inside"] + 0.08
    both = region_map(network, images[3:4], threshold=0.0)[0]
    assert min(both[:, :8].max(), both[:, 8:].max()) > 0.3  # one map marks both objects


def test_a_run_that_goes_on_reaches_the_same_numbers(data):
    whole = MemoryReporter()
    train(SMALL, data, whole)
    first = MemoryReporter()
    train(dataclasses.replace(SMALL, epochs=2), data, first)
    rest = MemoryReporter(start=first.state)
    train(SMALL, data, rest)
    same = [{key: value for key, value in row.items() if key != "time/epoch_s"} for row in whole.rows[2:]]
    assert [{key: value for key, value in row.items() if key != "time/epoch_s"} for row in rest.rows] == same


def test_the_trained_network_comes_back_from_its_state_alone(data, tmp_path):
    reporter = MemoryReporter()
    network = train(dataclasses.replace(SMALL, epochs=1), data, reporter)
    torch.save(reporter.state, tmp_path / "state.pt")
    again = load_model_file(tmp_path / "state.pt", input_size=16)
    images = data.test.images[:4].float() / 255
    torch.testing.assert_close(again(images), network(images))
    assert load_model(reporter.state).input_size == 64


def test_a_state_of_other_images_is_refused(data):
    reporter = MemoryReporter()
    train(dataclasses.replace(SMALL, epochs=1), data, reporter)
    other = dataclasses.replace(data, digest="another")
    with pytest.raises(ValueError, match="state must be of"):
        train(SMALL, other, MemoryReporter(start=reporter.state))


def test_a_classs_logit_is_the_mean_of_its_maps_less_its_offset():
    network = RegionNetwork(num_classes=3, stages=2, width=4, maps_per_class=2, input_size=16)
    images = torch.rand(2, 3, 16, 24)
    features = network.shared((images - 0.5) * 4)
    maps = torch.nn.functional.leaky_relu(network.class_maps(features), 0.1)
    expected = torch.stack([maps[:, 2 * c : 2 * c + 2].sum(1).mean((1, 2)) for c in range(3)], dim=1) - 1.0
    torch.testing.assert_close(network(images), expected)
    assert network.activity(images).maps.shape == (2, 3, 4, 6)


def test_shared_lower_layers_need_fewer_parameters_than_a_network_per_class():
    many, one = (
        sum(
            p.numel()
            for p in RegionNetwork(
                num_classes=n, stages=3, width=16, maps_per_class=4, input_size=64
            ).parameters()
        )
        for n in (8, 1)
    )
    assert many < 0.5 * 8 * one


def test_the_reckoned_parameters_are_the_networks():
    config = dataclasses.replace(SMALL, stages=3, width=8)
    network = build_network(config, num_classes=8)
    assert size_of(config).num_parameters == sum(p.numel() for p in network.parameters())


def test_a_scene_depends_on_its_number_and_seed_alone():
    photographs = backgrounds()
    few, many = (composites(shapes(), num=n, size=32, seed=4, photographs=photographs) for n in (2, 5))
    assert torch.equal(many.images[:2], few.images)
    other = composites(shapes(), num=2, size=32, seed=5, photographs=photographs)
    assert not torch.equal(other.images, few.images)


def test_masks_cover_what_was_laid_over_the_background():
    # A black object on white backgrounds: a pixel is dark exactly where the mask says so.
    black = Cutout(kind="box", mask=np.full((20, 20), 255, np.uint8), colors=np.zeros((20, 20, 3), np.uint8))
    white = [np.full((64, 64, 3), 255, np.uint8)]
    made = composites([black], num=6, size=32, seed=0, photographs=white)
    assert torch.equal(made.images.float().mean(1) < 128, made.masks)
    assert torch.equal(made.labels, torch.ones(6, 1))


def test_objects_to_test_on_are_not_trained_on_where_a_class_has_enough():
    made = [Cutout(kind="a", mask=np.full((4, 4), n, np.uint8), colors=None) for n in range(8)]
    seen, unseen = held_out([*made, Cutout(kind="b", mask=np.ones((4, 4), np.uint8), colors=None)])
    assert (len(seen), len(unseen)) == (7, 3)
    assert not {each.mask[0, 0] for each in seen if each.kind == "a"} & {
        each.mask[0, 0] for each in unseen if each.kind == "a"
    }


def folder_of_images(tmp_path, *, count):
    for kind, shade in (("001.dark", 20), ("002.light", 220), ("003.clutter", 120)):
        (tmp_path / kind).mkdir()
        for number in range(count):
            Image.new("RGB", (30, 20), (shade, number, shade)).save(tmp_path / kind / f"{number}.png")
    (tmp_path / "001.dark" / "broken.jpg").write_text("no image")
    return tmp_path


def test_a_folder_of_classes_is_read_and_a_broken_file_named(tmp_path):
    config = dataclasses.replace(SMALL, data=str(folder_of_images(tmp_path, count=40)), num_train=0)
    found = load(config, None)
    assert found.class_names == ("001.dark", "002.light")
    sizes = [len(part.images) for part in (found.train, found.val, found.test)]
    assert sum(sizes) == 120
    assert sizes[0] > 80
    assert [name.split(":")[0] for name in found.unreadable] == ["001.dark/broken.jpg"]
    dark = found.train.images.float().mean((1, 2, 3)) < 60
    assert torch.equal(found.train.labels[:, 0] == 1, dark)
    assert bool((found.train.labels.sum(1) == 0).any())  # clutter shows nothing


def test_a_missing_folder_and_an_empty_one_are_refused(tmp_path):
    with pytest.raises(DatasetMissing, match="data must be composites"):
        load(dataclasses.replace(SMALL, data=str(tmp_path / "none")), None)
    with pytest.raises(ValueError, match="two or more folders"):
        load(dataclasses.replace(SMALL, data=str(tmp_path)), None)
    with pytest.raises(DatasetMissing, match="256_ObjectCategories"):
        load(dataclasses.replace(SMALL, data="caltech-256"), tmp_path)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"image_size": 18}, "multiple of 2\\^stages=4"),
        ({"stages": 0}, "stages must be at least 1"),
        ({"learning_rate": float("nan")}, "learning_rate must be above 0"),
        ({"device": "tpu"}, "device must be one of"),
        ({"num_train": 0}, "num_train must be at least 1"),
    ],
)
def test_a_wrong_setting_is_named(change, complaint):
    with pytest.raises(ValueError, match=complaint):
        validate(dataclasses.replace(SMALL, **change))
