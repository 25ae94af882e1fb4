import pytest
import torch

from thesis_workloads.datasets.images.boxed_scenes import Scene
from thesis_workloads.systems.repr.detection.average_precision import (
    Detections,
    mean_average_precision,
    prior_boxes,
)


def scene(boxes, labels, crowd=()):
    return Scene(
        id=0,
        image=torch.empty(3, 0, 0, dtype=torch.uint8),
        boxes=torch.tensor(boxes, dtype=torch.float32).reshape(-1, 4),
        labels=torch.tensor(labels),
        is_crowd=torch.tensor([index in crowd for index in range(len(labels))], dtype=torch.bool),
    )


def found(boxes, labels, scores):
    return Detections(
        boxes=torch.tensor(boxes, dtype=torch.float32).reshape(-1, 4),
        labels=torch.tensor(labels, dtype=torch.int64),
        scores=torch.tensor(scores, dtype=torch.float32),
    )


SCENE = scene([[0, 0, 100, 100]], [1])


def test_perfect_boxes_have_precision_one_and_none_zero():
    right, nothing = found([[0, 0, 100, 100]], [1], [0.9]), found([], [], [])
    assert mean_average_precision([right], [SCENE]) == pytest.approx(
        {"map": 1.0, "map_50": 1.0, "map_75": 1.0}
    )
    assert mean_average_precision([nothing], [SCENE])["map"] == 0.0


def test_a_box_counts_at_the_thresholds_that_it_reaches():
    # 72 of 100 columns: an overlap of 0.72, above five of the ten thresholds.
    values = mean_average_precision([found([[0, 0, 72, 100]], [1], [0.9])], [SCENE])
    assert values == pytest.approx({"map": 0.5, "map_50": 1.0, "map_75": 0.0})


def test_a_wrong_class_that_is_surer_halves_the_precision():
    both = found([[200, 200, 300, 300], [0, 0, 100, 100]], [1, 1], [0.9, 0.5])
    assert mean_average_precision([both], [SCENE])["map"] == pytest.approx(0.5)


def test_a_crowd_is_neither_found_nor_missed():
    with_crowd = scene([[0, 0, 100, 100], [200, 200, 400, 400]], [1, 1], crowd={1})
    answer = found([[0, 0, 100, 100], [220, 220, 300, 300]], [1, 1], [0.5, 0.9])
    assert mean_average_precision([answer], [with_crowd])["map"] == pytest.approx(1.0)


def test_lists_that_do_not_match_and_scenes_without_objects_are_refused():
    with pytest.raises(ValueError, match=r"len\(found\)=0"):
        mean_average_precision([], [SCENE])
    with pytest.raises(ValueError, match="must hold an object"):
        mean_average_precision([found([], [], [])], [scene([], [])])


def test_the_blind_answer_is_the_mean_box_of_each_class_by_how_common_it_is():
    scenes = [scene([[0, 0, 2, 2], [2, 2, 4, 4]], [2, 2]), scene([[5, 5, 9, 9]], [1])]
    blind = prior_boxes(scenes)
    assert blind.labels.tolist() == [2, 1]
    assert blind.boxes.tolist() == [[1, 1, 3, 3], [5, 5, 9, 9]]
    assert blind.scores.tolist() == pytest.approx([2 / 3, 1 / 3])
