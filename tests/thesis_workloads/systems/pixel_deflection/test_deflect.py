import pytest
import torch
from scipy.stats import chisquare

from thesis_workloads.systems.pixel_deflection.deflect import (
    Deflections,
    deflect,
    draw_deflections,
    winning_deflections,
)

SEEDS = torch.arange(4)
IMAGES = torch.rand(4, 3, 12, 9, generator=torch.Generator().manual_seed(0))


def deflected_by_a_loop(images, deflections, saliency):
    """Algorithm 3 with the map of section 4.8, one attempt after the other."""
    result, width = images.clone(), images.shape[-1]
    for b in range(len(images)):
        for p, n, level in zip(
            deflections.targets[b], deflections.sources[b], deflections.levels[b], strict=True
        ):
            y, x = divmod(int(p), width)
            if saliency is None or float(saliency[b, y, x]) < float(level):
                result[b, :, y, x] = images[b, :, int(n) // width, int(n) % width]
    return result


def test_no_attempts_leave_the_image():
    assert torch.equal(deflect(IMAGES, seeds=SEEDS, num_deflections=0), IMAGES)


def test_a_window_of_zero_leaves_the_image():
    assert torch.equal(deflect(IMAGES, seeds=SEEDS, num_deflections=500, window=0), IMAGES)


@pytest.mark.parametrize("replacement", ["random", "min", "max", "mean"])
def test_a_constant_image_stays(replacement):
    images = torch.full((4, 3, 12, 9), 0.25)
    result = deflect(images, seeds=SEEDS, num_deflections=300, window=3, replacement=replacement)
    assert torch.equal(result, images)


def test_a_map_of_ones_protects_every_pixel():
    saliency = torch.ones(4, 12, 9)
    assert torch.equal(deflect(IMAGES, seeds=SEEDS, saliency=saliency, num_deflections=500), IMAGES)


@pytest.mark.parametrize("with_map", [False, True])
@pytest.mark.parametrize("window", [1, 3, 10])
def test_it_equals_the_loop_of_algorithm_3(window, with_map):
    saliency = torch.rand(4, 12, 9, generator=torch.Generator().manual_seed(1)) if with_map else None
    deflections = draw_deflections(SEEDS, num=150, height=12, width=9, window=window)
    result = deflect(IMAGES, seeds=SEEDS, saliency=saliency, num_deflections=150, window=window)
    assert torch.equal(result, deflected_by_a_loop(IMAGES, deflections, saliency))


def test_the_later_of_two_attempts_on_a_pixel_wins():
    deflections = Deflections(
        targets=torch.tensor([[5, 5, 7, 5]]),
        sources=torch.tensor([[1, 2, 3, 4]]),
        levels=torch.tensor([[0.9, 0.9, 0.9, 0.1]]),
    )
    saliency = torch.full((1, 3, 3), 0.5)
    assert winning_deflections(deflections, saliency, num_pixels=9).tolist() == [[False, True, True, False]]


def test_every_value_comes_from_the_square_around_its_pixel_in_the_original():
    index = torch.arange(12 * 9.0).view(1, 1, 12, 9).expand(4, 3, -1, -1)
    result = deflect(index, seeds=SEEDS, num_deflections=400, window=2).long()
    rows, columns = torch.arange(12).view(12, 1), torch.arange(9)
    assert int((result // 9 - rows).abs().max()) == 2
    assert int((result % 9 - columns).abs().max()) == 2


def test_all_channels_of_a_pixel_move_together():
    index = torch.arange(12 * 9.0).view(1, 1, 12, 9).expand(4, 3, -1, -1)
    result = deflect(index, seeds=SEEDS, num_deflections=100)
    assert torch.equal(result[:, 0], result[:, 1])
    assert torch.equal(result[:, 0], result[:, 2])


def test_every_pixel_is_as_likely_to_be_hit():
    deflections = draw_deflections(torch.arange(300), num=200, height=6, width=8, window=2)
    assert chisquare(torch.bincount(deflections.targets.flatten(), minlength=48).numpy()).pvalue > 1e-3


@pytest.mark.parametrize(("pixel", "size"), [((0, 0), 9), ((3, 4), 25), ((0, 4), 15), ((5, 7), 9)])
def test_the_other_pixel_is_uniform_over_the_square_cut_to_the_image(pixel, size):
    deflections = draw_deflections(torch.arange(1000), num=300, height=6, width=8, window=2)
    there = deflections.sources[deflections.targets == pixel[0] * 8 + pixel[1]]
    counts = torch.bincount(there, minlength=48)
    assert int((counts > 0).sum()) == size
    assert chisquare(counts[counts > 0].numpy()).pvalue > 1e-3


def test_a_window_beyond_the_shorter_side_takes_the_whole_image():
    deflections = draw_deflections(torch.arange(400), num=500, height=3, width=20, window=4)
    there = deflections.sources[deflections.targets == 0]
    assert chisquare(torch.bincount(there, minlength=60).numpy()).pvalue > 1e-3


def test_the_share_of_standing_attempts_is_one_minus_the_map():
    deflections = draw_deflections(torch.arange(500), num=200, height=6, width=8, window=2)
    assert abs(float((deflections.levels > 0.3).double().mean()) - 0.7) < 5 * (0.21 / 100_000) ** 0.5


def test_gaussian_offsets_stay_in_the_square_and_favour_its_middle():
    deflections = draw_deflections(
        torch.arange(500), num=200, height=20, width=20, window=4, sampling="gaussian"
    )
    offsets = (deflections.sources // 20 - deflections.targets // 20).abs()
    counts = torch.bincount(offsets.flatten())
    assert len(counts) == 5
    assert counts.tolist()[1:] == sorted(counts.tolist()[1:], reverse=True)


@pytest.mark.parametrize("replacement", ["min", "max", "mean"])
def test_replacement_takes_the_summary_of_the_cut_square(replacement):
    result = deflect(IMAGES, seeds=SEEDS, num_deflections=60, window=2, replacement=replacement)
    image, moved = IMAGES[1], (result[1] != IMAGES[1]).any(0).nonzero()
    for y, x in moved.tolist():
        square = image[:, max(y - 2, 0) : y + 3, max(x - 2, 0) : x + 3].flatten(1)
        expected = {"min": square.amin(1), "max": square.amax(1), "mean": square.mean(1)}[replacement]
        torch.testing.assert_close(result[1, :, y, x], expected)


def test_an_image_does_not_depend_on_the_rest_of_its_batch():
    together = deflect(IMAGES, seeds=SEEDS, num_deflections=80)
    alone = torch.cat(
        [deflect(IMAGES[i : i + 1], seeds=SEEDS[i : i + 1], num_deflections=80) for i in (2, 0)]
    )
    assert torch.equal(together[[2, 0]], alone)


def test_the_gradient_flows_to_the_pixels_that_were_read():
    images = torch.rand(2, 2, 5, 4, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(
        lambda x: deflect(x, seeds=torch.arange(2), num_deflections=30, window=2), (images,)
    )


@pytest.mark.parametrize(
    "wrong",
    [
        {"seeds": torch.arange(3)},
        {"seeds": SEEDS, "saliency": torch.zeros(4, 9, 12)},
        {"seeds": SEEDS, "num_deflections": -1},
        {"seeds": SEEDS, "replacement": "median"},
        {"seeds": SEEDS, "sampling": "laplace"},
    ],
)
def test_what_does_not_fit_is_refused(wrong):
    with pytest.raises(ValueError, match="must"):
        deflect(IMAGES, **wrong)
