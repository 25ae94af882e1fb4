import json
import os
from pathlib import Path

import pytest
import torch

from thesis_workloads.systems.pixel_deflection.released import deflect_released, standing_attempts

SEEDS = torch.arange(3)
IMAGES = torch.rand(3, 3, 10, 8, generator=torch.Generator().manual_seed(0))
SALIENCY = torch.rand(3, 10, 8, generator=torch.Generator().manual_seed(1))
GOLDEN = Path(__file__).parents[3] / "expected" / "pixel_deflection_released.json"


def deflected_by_the_published_loop(images, num_deflections, deflections, saliency):
    """The published loop, fed with the attempts in order; stops at the end of a round of channels."""
    result, (channels, _, width) = images.clone(), images.shape[1:]
    for b in range(len(images)):
        left, t = num_deflections, 0
        while left > 0:
            for c in range(channels):
                p, n = int(deflections.targets[b, t]), int(deflections.sources[b, t])
                level, t = float(deflections.levels[b, t]), t + 1
                if saliency is not None and level < float(saliency[b].flatten()[p]):
                    continue
                result[b, c, p // width, p % width] = result[b, c, n // width, n % width]
                left -= 1
    return result


@pytest.mark.parametrize("saliency", [None, SALIENCY])
@pytest.mark.parametrize("num", [0, 1, 100, 700])
def test_it_equals_the_published_loop(num, saliency):
    settings = {"saliency": saliency, "num_deflections": num, "window": 3}
    deflections, _ = standing_attempts(SEEDS, channels=3, height=10, width=8, **settings)
    result = deflect_released(IMAGES, seeds=SEEDS, **settings)
    assert torch.equal(result, deflected_by_the_published_loop(IMAGES, num, deflections, saliency))


def test_it_gives_the_golden_image():
    index = torch.arange(3 * 6 * 5).view(1, 3, 6, 5).float()
    saliency = torch.linspace(0, 0.9, 30).view(1, 6, 5)
    settings = {"saliency": saliency, "num_deflections": 40, "window": 2}
    result = deflect_released(index, seeds=torch.tensor([7]), **settings).long().flatten().tolist()
    if os.environ.get("REGENERATE_EXPECTED"):
        GOLDEN.write_text(json.dumps(result) + "\n")
    assert result == json.loads(GOLDEN.read_text())


def test_row_and_column_zero_are_never_read():
    deflections, _ = standing_attempts(
        torch.arange(50), saliency=None, num_deflections=300, channels=3, height=5, width=6, window=3
    )
    assert int((deflections.sources // 6).min()) == 1
    assert int((deflections.sources % 6).min()) == 1


def test_skips_are_not_counted():
    _, stands = standing_attempts(
        SEEDS, saliency=SALIENCY, num_deflections=300, channels=3, height=10, width=8, window=3
    )
    assert all(300 <= count <= 302 for count in stands.sum(1).tolist())


def test_a_map_that_lets_nothing_stand_is_refused():
    with pytest.raises(ValueError, match="saliency"):
        deflect_released(IMAGES, seeds=SEEDS, saliency=torch.ones(3, 10, 8))


def test_the_gradient_flows_through_the_chain_of_copies():
    images = torch.rand(2, 2, 5, 4, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(
        lambda x: deflect_released(x, seeds=torch.arange(2), num_deflections=40, window=2), (images,)
    )
