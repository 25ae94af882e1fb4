import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from thesis_workloads.systems.highway_vqa.backbones import Backbone, MapsByCell, load_backbone
from thesis_workloads.systems.highway_vqa.features import CHUNK, features_of_chunk, plain_loop


@pytest.fixture(scope="module")
def backbone():
    torch.manual_seed(0)
    return Backbone(MapsByCell(nn.Conv2d(3, 4, 3, padding=1), 2), identity="tiny")


@pytest.fixture
def references(tmp_path):
    draws = np.random.default_rng(0)
    for number in range(11):
        pixels = draws.integers(0, 256, (40, 40, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(tmp_path / f"{number}.png")
    (tmp_path / "5.png").write_bytes((tmp_path / "5.png").read_bytes()[:200])
    (tmp_path / "7.png").unlink()
    return [str(tmp_path / f"{number}.png") for number in range(11)]


def test_a_missing_and_a_damaged_image_are_told_and_stop_no_other(backbone, references):
    vectors, problems = plain_loop(backbone, references, size=32)
    assert [number for number, problem in enumerate(problems) if problem] == [5, 7]
    assert problems[7].startswith("no such file")
    assert [bool(row.any()) for row in vectors] == [number not in (5, 7) for number in range(11)]


def test_an_image_has_the_same_features_in_any_company(backbone, references):
    vectors, _ = plain_loop(backbone, references, size=32)
    for number in (0, 9, 10):
        alone, _ = features_of_chunk(backbone, [references[number]], size=32)
        assert np.array_equal(alone[0], vectors[number])


def test_more_than_a_chunk_at_once_is_refused(backbone):
    with pytest.raises(ValueError, match="at most 8"):
        features_of_chunk(backbone, ["scene:0"] * (CHUNK + 1), size=32)


def test_maps_are_averaged_by_cell():
    maps = torch.arange(16.0).view(1, 1, 4, 4)
    assert MapsByCell(nn.Identity(), 2)(maps).tolist() == [[2.5, 4.5, 10.5, 12.5]]
    assert MapsByCell(nn.Identity(), 1)(maps).tolist() == [[7.5]]


def test_the_features_of_a_torchvision_network_are_what_its_last_layer_reads():
    made = load_backbone("resnet18", weights="random", seed=3, grid=1)
    by_cell = load_backbone("resnet18", weights="random", seed=3, grid=2)
    images = torch.rand(2, 3, 64, 64, generator=torch.Generator().manual_seed(0))
    whole, cells = made(images), by_cell(images)
    assert whole.shape == (2, 512)
    torch.testing.assert_close(cells.view(2, 512, 4).mean(2), whole, rtol=1e-4, atol=1e-5)


def test_weights_of_a_file_are_used_and_told_apart(tmp_path):
    import torchvision

    network = torchvision.models.resnet18(weights=None)
    torch.save(network.state_dict(), tmp_path / "w.pth")
    made = load_backbone("resnet18", weights=str(tmp_path / "w.pth"), seed=0, grid=1)
    torch.testing.assert_close(made.vectors.conv1.weight, network.conv1.weight)
    assert "weights " in made.identity


@pytest.mark.parametrize(
    ("name", "weights", "message"),
    [
        ("resnet18", "", "none are shipped"),
        ("resnet18", "/nowhere.pth", "must be a file"),
        ("resnet19", "random", "one of torchvision's"),
    ],
)
def test_a_backbone_that_is_not_there_is_named(name, weights, message):
    with pytest.raises(ValueError, match=message):
        load_backbone(name, weights=weights, seed=0, grid=1)
