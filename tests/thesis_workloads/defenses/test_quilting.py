import pytest
import torch

from thesis_workloads.defenses.quilting import patch_bank, quilt

IMAGES = torch.rand(2, 3, 14, 17, generator=torch.Generator().manual_seed(0))
SEEDS = torch.arange(2)


def every_patch(images, size):
    return images.unfold(2, size, 1).unfold(3, size, 1).permute(0, 2, 3, 1, 4, 5).flatten(0, 2)


def test_an_image_quilted_from_its_own_patches_is_itself():
    bank = every_patch(IMAGES[:, :, :14, :17], 5)
    result = quilt(IMAGES, seeds=SEEDS, bank=bank, num_nearest=1)
    torch.testing.assert_close(result, IMAGES)


def test_without_overlap_every_patch_is_one_of_the_nearest_of_the_bank():
    images = IMAGES[..., :10, :15]
    bank = torch.rand(60, 3, 5, 5, generator=torch.Generator().manual_seed(1))
    placed = quilt(images, seeds=SEEDS, bank=bank, overlap=0, num_nearest=4)
    for row in (0, 5):
        for column in (0, 5, 10):
            window = (slice(row, row + 5), slice(column, column + 5))
            order = (bank - images[1][:, *window]).square().sum((1, 2, 3)).argsort()[:4]
            differences = (bank[order] - placed[1][:, *window]).abs().amax((1, 2, 3))
            assert float(differences.min()) < 1e-6


def test_other_seeds_choose_other_patches():
    bank = torch.rand(60, 3, 5, 5, generator=torch.Generator().manual_seed(1))
    results = [quilt(IMAGES, seeds=SEEDS + shift, bank=bank) for shift in (0, 100)]
    assert not torch.equal(*results)


def test_the_bank_holds_patches_of_the_images():
    bank = patch_bank(IMAGES, num_patches=30, size=4, seed=0)
    distances = (bank[:, None] - every_patch(IMAGES, 4)[None]).abs().amax((2, 3, 4)).amin(1)
    assert bank.shape == (30, 3, 4, 4)
    assert float(distances.max()) == 0


def test_a_bank_smaller_than_the_choice_is_refused():
    with pytest.raises(ValueError, match="bank"):
        quilt(IMAGES, seeds=SEEDS, bank=torch.rand(3, 3, 5, 5))
