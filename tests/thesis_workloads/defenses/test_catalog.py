import pytest
import torch

from thesis_workloads.defenses.catalog import CATALOG, apply_defense, needs_bank
from thesis_workloads.defenses.quilting import patch_bank

IMAGES = torch.rand(2, 3, 32, 32, generator=torch.Generator().manual_seed(0))
BANK = patch_bank(IMAGES, num_patches=50, size=5, seed=0)


@pytest.mark.parametrize("name", CATALOG)
def test_every_defence_gives_images_in_zero_to_one(name):
    result = apply_defense(name, IMAGES, seeds=torch.arange(2), bank=BANK)
    assert result.shape[:2] == (2, 3)
    assert result.dtype == torch.float32
    assert 0 <= float(result.min()) <= float(result.max()) <= 1


@pytest.mark.parametrize("name", CATALOG)
def test_an_image_does_not_depend_on_the_rest_of_its_batch(name):
    together = apply_defense(name, IMAGES, seeds=torch.arange(2), bank=BANK)
    alone = apply_defense(name, IMAGES[1:], seeds=torch.tensor([1]), bank=BANK)
    torch.testing.assert_close(together[1:], alone, rtol=0, atol=1e-6)


def test_a_combination_is_its_steps_in_order():
    both = apply_defense("tvm+quilting", IMAGES, seeds=torch.arange(2), bank=BANK)
    smooth = CATALOG["tvm+quilting"][0][0](IMAGES, seeds=torch.arange(2), weight=0.03, keep=0.5)
    assert torch.equal(both, apply_defense("quilting", smooth, seeds=torch.arange(2), bank=BANK))


def test_quilting_needs_a_bank():
    assert [name for name in CATALOG if needs_bank(name)] == [
        "quilting",
        "tvm+quilting",
        "cropping+tvm+quilting",
    ]
    with pytest.raises(ValueError, match="bank"):
        apply_defense("quilting", IMAGES, seeds=torch.arange(2))


def test_an_unknown_name_is_refused():
    with pytest.raises(ValueError, match="median-3x3"):
        apply_defense("median", IMAGES, seeds=None)
