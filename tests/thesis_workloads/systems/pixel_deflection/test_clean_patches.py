import torch

from thesis_workloads.systems.pixel_deflection.clean_patches import clean_patches


def test_patches_come_from_photographs_and_not_from_one_colour():
    bank = clean_patches(size=64, num_patches=50)
    assert bank.shape == (50, 3, 5, 5)
    assert float(bank.min()) >= 0
    assert float(bank.max()) <= 1
    assert len(torch.unique(bank.flatten(1), dim=0)) == 50
