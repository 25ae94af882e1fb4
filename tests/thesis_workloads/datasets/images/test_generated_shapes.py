import numpy as np
import pytest
import torch

from thesis_workloads.datasets.images.generated_shapes import (
    CLASSES,
    SHAPES,
    ShapeScenes,
    draw_scene,
)


def test_a_scene_depends_on_seed_and_number_alone():
    scenes = ShapeScenes(5, size=64, seed=1)
    again, other = ShapeScenes(9, size=64, seed=1), ShapeScenes(5, size=64, seed=2)
    assert torch.equal(scenes[3].image, again[3].image)
    assert torch.equal(scenes[3].boxes, again[3].boxes)
    assert not torch.equal(scenes[3].image, other[3].image)


def test_boxes_lie_inside_the_image_and_hardly_overlap():
    for index in range(20):
        boxes = ShapeScenes(20, size=64, seed=0)[index].boxes
        assert float(boxes.min()) >= 0
        assert float(boxes.max()) <= 64
        assert bool((boxes[:, 2:] - boxes[:, :2] >= 10).all())
        areas = (boxes[:, 2:] - boxes[:, :2]).prod(1)
        sizes = torch.minimum(boxes[:, None, 2:], boxes[None, :, 2:]) - torch.maximum(
            boxes[:, None, :2], boxes[None, :, :2]
        )
        shared = sizes.clamp_min(0).prod(2) / torch.minimum(areas[:, None], areas[None])
        assert bool((shared.fill_diagonal_(0) <= 0.1).all())


@pytest.mark.parametrize("shape", SHAPES)
def test_a_shape_touches_every_side_of_its_box(shape):
    y, x = np.meshgrid(np.linspace(-1, 1, 81), np.linspace(-1, 1, 81), indexing="ij")
    inside = SHAPES[shape](x, y)
    assert all(edge.any() for edge in (inside[0], inside[-1], inside[:, 0], inside[:, -1]))


def test_shapes_stand_out_from_the_ground():
    scene = draw_scene(0, size=96, draws=np.random.default_rng(3))
    left, top, right, bottom = (int(value) for value in scene.boxes[0])
    inside = scene.image[:, top:bottom, left:right].float()
    assert inside.amax((1, 2)).sub(inside.amin((1, 2))).max() > 0.2 * 255


def test_labels_are_the_numbers_of_the_classes():
    labels = torch.cat([ShapeScenes(60, size=64, seed=0)[index].labels for index in range(60)])
    assert sorted(set(labels.tolist())) == list(range(1, len(CLASSES) + 1))


def test_a_scene_that_is_not_there_is_refused():
    with pytest.raises(IndexError, match="index=2"):
        ShapeScenes(2, size=64, seed=0)[2]
