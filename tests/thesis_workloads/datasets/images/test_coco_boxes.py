import json

import numpy as np
import pytest
import torch
from PIL import Image

from thesis_workloads.datasets.errors import DatasetDamaged, DatasetMissing
from thesis_workloads.datasets.images.boxed_scenes import scene_batches
from thesis_workloads.datasets.images.coco_boxes import CocoScenes

CATEGORIES = [{"id": 7, "name": "cat"}, {"id": 3, "name": "dog"}]
BOXES = [
    {"image_id": 5, "category_id": 7, "bbox": [1, 2, 3, 4], "iscrowd": 0},
    {"image_id": 5, "category_id": 3, "bbox": [0, 0, 8, 6], "iscrowd": 1},
    {"image_id": 5, "category_id": 3, "bbox": [0, 0, 0, 6]},
]


def coco(folder, annotations=BOXES, categories=CATEGORIES):
    for number, shape in ((5, (6, 8)), (2, (4, 4, 3))):
        pixels = np.full(shape, number * 10, dtype=np.uint8)
        Image.fromarray(pixels).save(folder / f"{number}.png")
    images = [{"id": number, "file_name": f"{number}.png"} for number in (5, 2)]
    path = folder / "instances.json"
    path.write_text(json.dumps({"images": images, "annotations": annotations, "categories": categories}))
    return path


def test_boxes_are_corners_and_labels_follow_the_order_of_category_ids(tmp_path):
    scenes = CocoScenes(tmp_path, coco(tmp_path))
    scene = scenes[1]
    assert scenes.classes == ("dog", "cat")
    assert scene.id == 5
    assert scene.boxes.tolist() == [[1, 2, 4, 6], [0, 0, 8, 6]]
    assert scene.labels.tolist() == [2, 1]
    assert scene.is_crowd.tolist() == [False, True]


def test_grey_images_have_three_channels_and_images_may_have_no_box(tmp_path):
    scenes = CocoScenes(tmp_path, coco(tmp_path))
    assert scenes[1].image.shape == (3, 6, 8)
    assert torch.equal(scenes[1].image, torch.full((3, 6, 8), 50, dtype=torch.uint8))
    assert scenes[0].boxes.shape == (0, 4)


@pytest.mark.parametrize("num_loaders", [0, 2])
def test_batches_come_in_order_whoever_reads_them(tmp_path, num_loaders):
    scenes = CocoScenes(tmp_path, coco(tmp_path))
    batches = list(scene_batches(scenes, [[1], [0, 1], [0]], num_loaders=num_loaders))
    assert [[scene.id for scene in batch] for batch in batches] == [[5], [2, 5], [2]]


def test_what_is_not_there_is_named(tmp_path):
    with pytest.raises(DatasetMissing, match=r"annotation file .*instances.json is not here"):
        CocoScenes(tmp_path, tmp_path / "instances.json")


@pytest.mark.parametrize(
    ("text", "message"), [("nonsense", "must be JSON"), ('{"images": []}', "lacks annotations")]
)
def test_a_file_that_is_no_annotation_file_is_named(tmp_path, text, message):
    path = tmp_path / "instances.json"
    path.write_text(text)
    with pytest.raises(DatasetDamaged, match=message):
        CocoScenes(tmp_path, path)


def test_a_box_of_an_undeclared_category_and_a_broken_image_are_named(tmp_path):
    path = coco(tmp_path, categories=CATEGORIES[:1])
    with pytest.raises(DatasetDamaged, match="category 3"):
        CocoScenes(tmp_path, path)[1]
    (tmp_path / "2.png").write_bytes(b"no image")
    with pytest.raises(DatasetDamaged, match=r"2\.png can't be read"):
        CocoScenes(tmp_path, path)[0]
