import dataclasses

import numpy as np
import pytest
import torch
from PIL import Image

from thesis_workloads.contract.reporter import MemoryReporter
from thesis_workloads.datasets.errors import DatasetDamaged, DatasetMissing
from thesis_workloads.datasets.images.streamed_images import (
    DEVIATION,
    MEAN,
    StreamedImages,
    training_crop,
)
from thesis_workloads.datasets.readers.image_folder import read_image_folder
from thesis_workloads.datasets.readers.splits import load_images
from thesis_workloads.systems.repr.config import RePrConfig
from thesis_workloads.systems.repr.train import train


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Three kinds of plain images, each of another colour."""
    root = tmp_path_factory.mktemp("images")
    draws = np.random.default_rng(0)
    for part, count in (("train", 8), ("val", 3)):
        for channel, name in enumerate(("blue", "green", "red")):
            (root / part / name).mkdir(parents=True)
            for number in range(count):
                pixels = draws.integers(0, 60, (40, 50, 3), dtype=np.uint8)
                pixels[..., channel] += 150
                Image.fromarray(pixels).save(root / part / name / f"{number}.png")
    return root


def parts(folder, num_loaders=0, num_train=0, size=16):
    return read_image_folder(
        folder,
        name="imagenet",
        size=size,
        num_train=num_train,
        num_val=6,
        num_loaders=num_loaders,
        split_seed=0,
    )


def test_classes_are_folders_and_the_held_out_part_is_taken_evenly_from_train(folder):
    data = parts(folder)
    assert data.num_classes == 3
    assert data.train.images.shape == (18, 3, 16, 16)
    assert torch.bincount(data.val.labels).tolist() == [2, 2, 2]
    assert torch.bincount(data.test.labels).tolist() == [3, 3, 3]


def test_an_image_is_its_standardised_middle(tmp_path):
    Image.fromarray(np.full((32, 64, 3), 255, dtype=np.uint8)).save(tmp_path / "white.png")
    image = StreamedImages([tmp_path / "white.png"], size=8, num_loaders=0)[:][0]
    expected = (1 - torch.tensor(MEAN)) / torch.tensor(DEVIATION)
    assert torch.allclose(image, expected.view(3, 1, 1).expand(3, 8, 8))


def test_images_do_not_depend_on_who_decodes_them_or_in_which_batch(folder):
    order = torch.tensor([4, 0, 11, 7, 2])
    alone, pool = parts(folder).train.images, parts(folder, num_loaders=2).train.images
    ours = torch.cat(list(alone.batches(order.split(2), draw=5)))
    theirs = torch.cat(list(pool.batches(order.split(3), draw=5)))
    assert torch.equal(ours, theirs)
    assert torch.equal(alone[order], torch.cat(list(pool.batches([order]))))


def test_training_crops_change_with_the_draw(folder):
    images = parts(folder).train.images
    order = [torch.arange(6)]
    first, second = (torch.cat(list(images.batches(order, draw=draw))) for draw in (1, 2))
    assert not torch.equal(first, second)


def test_half_of_the_training_crops_are_mirrored():
    ramp = Image.fromarray(np.tile(np.arange(64, dtype=np.uint8)[None, :, None] * 4, (64, 1, 3)))
    mirrored = [
        float(np.diff(np.asarray(training_crop(ramp, 16, seed=seed))[8, :, 0].astype(float)).mean()) < 0
        for seed in range(200)
    ]
    assert 0.4 < np.mean(mirrored) < 0.6


@pytest.mark.parametrize("metric", ["ortho", "oracle", "taylor"])
def test_a_network_learns_from_files(folder, metric):
    config = RePrConfig(
        model="resnet-8",
        metric=metric,
        epochs=5,
        s1=1,
        s2=1,
        n=1,
        batch_size=6,
        learning_rate=0.1,
        device="cpu",
    )
    reporter = MemoryReporter()
    train(config, parts(folder), reporter)
    assert reporter.rows[-1]["test/accuracy"] > 0.6


def test_files_are_found_under_the_data_folder_and_a_broken_one_is_named(folder, tmp_path):
    (tmp_path / "imagenet").symlink_to(folder)
    data = load_images("imagenet", data_dir=tmp_path, num_train=9, num_val=6)
    assert data.train.images.shape == (9, 3, 224, 224)
    with pytest.raises(DatasetMissing, match="imagenet/train/<class>"):
        load_images("imagenet", data_dir=tmp_path / "elsewhere", num_train=9, num_val=6)
    (tmp_path / "broken.png").write_bytes(b"no image")
    with pytest.raises(DatasetDamaged, match=r"broken\.png can't be read"):
        StreamedImages([tmp_path / "broken.png"], size=8, num_loaders=0)[:]


def test_more_images_than_there_are_and_other_classes_are_refused(folder, tmp_path):
    with pytest.raises(ValueError, match=r"must share the 24 images .*num_train=20"):
        parts(folder, num_train=20)
    for name in ("train/a", "val/b"):
        (tmp_path / name).mkdir(parents=True)
    with pytest.raises(DatasetDamaged, match="the same class folders"):
        parts(tmp_path)


def test_the_digest_tells_other_images_apart(folder):
    assert parts(folder).digest == parts(folder, num_loaders=2).digest
    assert parts(folder).digest != dataclasses.replace(parts(folder, num_train=9)).digest
