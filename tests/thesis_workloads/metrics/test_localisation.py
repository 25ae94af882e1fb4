import torch

from thesis_workloads.metrics.localisation import localisation, trivial_maps

MASK = torch.zeros(1, 4, 4, dtype=torch.bool)
MASK[0, :2, :2] = True


def scores(saliency):
    return {name: float(value) for name, value in localisation(saliency, MASK).items()}


def test_the_mask_itself_is_perfect():
    assert scores(MASK.float()) == {"mass_inside": 1.0, "overlap": 1.0, "pointing": 1.0}


def test_its_complement_has_nothing():
    assert scores((~MASK).float()) == {"mass_inside": 0.0, "overlap": 0.0, "pointing": 0.0}


def test_a_uniform_map_has_the_masks_share():
    found = scores(torch.ones(1, 4, 4))
    assert found == {"mass_inside": 0.25, "overlap": 1 / 7, "pointing": 0.25}  # 1 of 4 hit: 1 / (4 + 4 - 1)
    assert scores(torch.zeros(1, 4, 4)) == found


def test_half_right():
    saliency = torch.zeros(1, 4, 4)
    saliency[0, 0, :4] = torch.tensor([4.0, 3.0, 2.0, 1.0])
    assert scores(saliency) == {"mass_inside": 0.7, "overlap": 2 / 6, "pointing": 1.0}


def test_the_middle_is_the_highest_place_of_the_centred_map():
    maps = trivial_maps(5, 7)
    assert int(maps["centre"].argmax()) == 2 * 7 + 3
    assert bool((maps["uniform"] == 1).all())
