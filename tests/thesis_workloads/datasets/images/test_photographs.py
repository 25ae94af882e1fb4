import numpy as np
import pytest
import torch
from PIL import Image

from thesis_workloads.datasets.images.photographs import (
    Photograph,
    digest,
    imagenet_folder,
    listed_folder,
    load_photographs,
    read_photograph,
    shipped_photographs,
)


def save_image(path, *, width=40, height=30, color=(255, 0, 0)):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (width, height), color).save(path)
    return path


def test_the_shipped_photographs_are_twenty_with_the_labels_of_their_names():
    photographs = shipped_photographs()
    assert len(photographs) == 20
    assert (photographs[0].id, photographs[0].label) == ("imagenet_00_243", 243)


def test_class_folders_named_by_index_give_labels(tmp_path):
    save_image(tmp_path / "7" / "b.png")
    save_image(tmp_path / "123" / "a.jpg")
    (tmp_path / "7" / "notes.txt").write_text("not an image")
    found = {each.id: each.label for each in imagenet_folder(tmp_path)}
    assert found == {"7/b.png": 7, "123/a.jpg": 123}


def test_class_folders_named_by_wnid_take_labels_from_the_synset_file(tmp_path):
    save_image(tmp_path / "val" / "n00000500" / "a.png")
    synsets = tmp_path / "synsets.txt"
    synsets.write_text("".join(f"n{number:08d} some name\n" for number in range(1000)))
    assert [each.label for each in imagenet_folder(tmp_path / "val", synsets=synsets)] == [500]


def test_a_thousand_wnid_folders_are_labels_by_themselves(tmp_path):
    for number in range(1000):
        (tmp_path / f"n{number:08d}").mkdir()
    save_image(tmp_path / "n00000999" / "a.png")
    assert [each.label for each in imagenet_folder(tmp_path)] == [999]


def test_some_wnid_folders_without_the_synset_file_are_refused(tmp_path):
    save_image(tmp_path / "n01440764" / "a.png")
    with pytest.raises(ValueError, match="wnids"):
        imagenet_folder(tmp_path)


def test_a_csv_file_lists_a_flat_folder(tmp_path):
    save_image(tmp_path / "one.png")
    (tmp_path / "labels.csv").write_text("file,label\none.png,12\n")
    photographs = listed_folder(tmp_path, labels=tmp_path / "labels.csv")
    assert photographs == [Photograph(id="one.png", path=tmp_path / "one.png", label=12)]


@pytest.mark.parametrize(
    "text", ["name,label\na.png,1\n", "file,label\na.png,1000\n", "file,label\na.png,x\n", ""]
)
def test_a_csv_file_that_makes_no_sense_is_refused(tmp_path, text):
    (tmp_path / "labels.csv").write_text(text)
    with pytest.raises(ValueError, match="label"):
        listed_folder(tmp_path, labels=tmp_path / "labels.csv")


def test_corrupt_and_missing_images_are_named_and_the_others_read(tmp_path):
    good = save_image(tmp_path / "good.png")
    bad = tmp_path / "bad.jpg"
    bad.write_bytes(b"not a jpeg")
    cut = save_image(tmp_path / "cut.png", width=400, height=300)
    cut.write_bytes(cut.read_bytes()[:200])
    paths = [bad, good, tmp_path / "absent.png", cut]
    loaded = load_photographs([Photograph(id=path.name, path=path, label=3) for path in paths], size=16)
    assert (loaded.ids, loaded.labels.tolist()) == (("good.png",), [3])
    assert set(loaded.unreadable) == {"bad.jpg", "absent.png", "cut.png"}


def test_the_square_is_seven_eighths_of_the_shorter_side_from_the_centre(tmp_path):
    pixels = np.random.default_rng(0).integers(0, 256, (64, 80, 3), np.uint8)
    Image.fromarray(pixels).save(tmp_path / "wide.png")
    expected = torch.from_numpy(pixels[4:60, 12:68]).permute(2, 0, 1) / 255
    assert torch.equal(read_photograph(tmp_path / "wide.png", size=56), expected)


def test_a_large_image_is_scaled_to_the_same_square(tmp_path):
    pixels = np.zeros((256, 768, 3), np.uint8)
    pixels[:, 256:512] = 255
    Image.fromarray(pixels).save(tmp_path / "wide.png")
    image = read_photograph(tmp_path / "wide.png", size=56)
    assert image.shape == (3, 56, 56)
    assert float(image.min()) > 0.95


def test_a_gray_image_becomes_three_equal_channels_in_zero_to_one(tmp_path):
    Image.new("L", (20, 20), 51).save(tmp_path / "gray.png")
    image = read_photograph(tmp_path / "gray.png", size=8)
    torch.testing.assert_close(image, torch.full((3, 8, 8), 0.2))


def test_the_digest_follows_contents_and_labels_but_not_the_order(tmp_path):
    first = Photograph(id="a", path=save_image(tmp_path / "a.png"), label=1)
    second = Photograph(id="b", path=save_image(tmp_path / "b.png"), label=2)
    relabelled = Photograph(id="b", path=second.path, label=3)
    assert digest([first, second]) == digest([second, first])
    assert digest([first, second]) != digest([first, relabelled])
