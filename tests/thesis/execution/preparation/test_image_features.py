"""Features by Ray Data against the plain loop, and the store that keeps them."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from thesis.execution.preparation import image_features
from thesis.execution.preparation.backbone_source import BackboneSource
from thesis.execution.preparation.feature_store import file_sizes, missing, open_store, read_features
from thesis.execution.preparation.image_features import run_pipeline
from thesis_workloads.systems.highway_vqa.features import plain_loop

pytestmark = pytest.mark.ray

NUM_IMAGES = 30


@pytest.fixture(scope="module")
def source():
    """A backbone that every worker can make by itself: nested, so that it travels by value."""

    def make_tiny():
        import torch
        from torch import nn

        from thesis_workloads.systems.highway_vqa.backbones import Backbone, MapsByCell

        with torch.random.fork_rng():
            torch.manual_seed(0)
            trunk = nn.Sequential(nn.Conv2d(3, 8, 3, stride=2), nn.ReLU(), nn.Conv2d(8, 8, 3))
        return Backbone(MapsByCell(trunk, 1), identity="tiny")

    return BackboneSource(identity="tiny", load=make_tiny)


@pytest.fixture
def images(tmp_path):
    """Thirty images, one of them cut off and one gone."""
    folder = tmp_path / "images"
    folder.mkdir()
    draws = np.random.default_rng(0)
    for number in range(NUM_IMAGES):
        pixels = draws.integers(0, 256, (36, 36, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(folder / f"{number}.png")
    (folder / "11.png").write_bytes((folder / "11.png").read_bytes()[:90])
    (folder / "20.png").unlink()
    return {f"image {number}": str(folder / f"{number}.png") for number in range(NUM_IMAGES)}


@pytest.fixture
def store(tmp_path):
    return open_store(tmp_path / "data", identity="tiny", image_size=32, name="thirty")


def test_ray_data_gives_the_features_of_the_plain_loop(ray_session, source, images, store):
    vectors, problems = plain_loop(source.load(), list(images.values()), size=32)
    sizes = file_sizes(images)
    counts = run_pipeline(source, store, images, sizes, image_size=32, num_actors=2)
    found = read_features(store, sizes)
    assert counts == {"read": 28, "unreadable": 2}
    good = [number for number, problem in enumerate(problems) if not problem]
    rows = [found.row_of[f"image {number}"] for number in good]
    assert np.array_equal(found.table[rows].numpy(), vectors[good])
    assert dict(found.problems) == {"image 11": problems[11], "image 20": problems[20]}


def features(source, images, data_dir):
    return image_features.image_features(source, images, name="thirty", image_size=32, data_dir=data_dir)


def test_only_images_that_are_missing_or_were_replaced_are_made(source, images, tmp_path, monkeypatch):
    made = []

    def counted(backbone, references, *, size):
        made.append(len(references))
        return plain_loop(backbone, references, size=size)

    monkeypatch.setattr(image_features, "plain_loop", counted)
    some = dict(list(images.items())[:8])
    features(source, some, tmp_path)
    features(source, images, tmp_path)
    features(source, images, tmp_path)
    Image.new("RGB", (50, 50)).save(images["image 20"])
    later = features(source, images, tmp_path)
    assert made == [8, 22, 1]
    assert list(later.problems) == ["image 11"]


def test_training_maps_the_table_instead_of_reading_it(source, images, tmp_path):
    found = features(source, images, tmp_path)
    (file,) = tmp_path.rglob("*.npy")
    assert str(file) in Path("/proc/self/maps").read_text()
    assert np.array_equal(found.table.numpy(), np.load(file))


def test_the_stores_of_two_backbones_are_apart(tmp_path, images):
    sizes = file_sizes(images)
    one, other = (open_store(tmp_path, identity=name, image_size=32, name="s") for name in ("a", "b"))
    assert one.folder != other.folder
    assert len(missing(one, sizes)) == NUM_IMAGES
