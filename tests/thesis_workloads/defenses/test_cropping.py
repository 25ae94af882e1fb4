import pytest
import torch
import torch.nn.functional as F

from thesis_workloads.defenses.cropping import crop_and_rescale

INDEX = torch.arange(16 * 12.0, dtype=torch.float64).view(1, 1, 16, 12).expand(5, 3, -1, -1)


def test_keeping_everything_leaves_the_image():
    torch.testing.assert_close(crop_and_rescale(INDEX, seeds=torch.arange(5), keep=1.0), INDEX)


def test_each_result_is_an_enlarged_crop_at_its_own_place():
    results, places = crop_and_rescale(INDEX, seeds=torch.arange(5), keep=0.5), set()
    for image, result in zip(INDEX, results, strict=True):
        differences = {
            (top, left): float((enlarged(image[:, top : top + 8, left : left + 6]) - result).abs().max())
            for top in range(9)
            for left in range(7)
        }
        places.add(min(differences, key=differences.get))
        assert min(differences.values()) < 1e-9
    assert len(places) > 2


def enlarged(crop):
    return F.interpolate(crop[None], size=(16, 12), mode="bilinear")[0]


def test_without_seeds_it_refuses():
    with pytest.raises(ValueError, match="seeds"):
        crop_and_rescale(INDEX, seeds=None)
