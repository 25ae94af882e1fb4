import pytest
import torch

from thesis_workloads.imaging.quality_levels import (
    block_saliency,
    chroma_saliency,
    level_qualities,
    levels_of_saliency,
)


def test_five_levels_step_by_ten_from_30_to_70():
    assert level_qualities() == (30, 40, 50, 60, 70)


def test_the_printed_equation_stops_a_step_short_of_the_highest():
    assert level_qualities(spacing="printed") == (30, 38, 46, 54, 62)


def test_a_single_level_has_the_lowest_quality():
    assert level_qualities(num_levels=1) == (30,)


def test_a_level_holds_its_upper_bound_and_the_lowest_also_zero():
    saliency = torch.tensor([0.0, 0.2, 0.2001, 0.4, 0.6, 0.61, 1.0])
    assert levels_of_saliency(saliency, num_levels=5).tolist() == [0, 0, 1, 1, 2, 3, 4]


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_a_saliency_of_exactly_n_of_k_is_the_upper_end_of_its_level(dtype):
    for k in range(1, 33):
        ends = torch.tensor([n / k for n in range(1, k + 1)], dtype=dtype)
        assert levels_of_saliency(ends, num_levels=k).tolist() == list(range(k))
        just_above = torch.nextafter(ends[:-1], torch.tensor(2.0, dtype=dtype))
        assert levels_of_saliency(just_above, num_levels=k).tolist() == list(range(1, k))


def test_a_block_s_saliency_is_its_mean():
    maps = torch.rand(2, 32, 48, generator=torch.Generator().manual_seed(0))
    expected = maps.unflatten(2, (6, 8)).unflatten(1, (4, 8)).mean((2, 4))
    assert torch.allclose(block_saliency(maps, height=32, width=48), expected, atol=1e-6)


def test_what_a_block_lacks_is_continued_from_the_edge_and_blocks_come_in_pairs():
    maps = torch.zeros(1, 9, 20)
    maps[:, 8] = 1
    found = block_saliency(maps, height=9, width=20)
    assert found.shape == (1, 2, 4)
    assert found[0, 1].tolist() == [1, 1, 1, 1]


def test_a_map_of_another_size_covers_the_whole_image():
    small = torch.linspace(0, 1, 10).expand(1, 5, 10)
    found = block_saliency(small, height=80, width=160)[0]
    whole = block_saliency(torch.linspace(0, 1, 160).expand(1, 80, 160), height=80, width=160)[0]
    assert (found - whole).abs().max() < 0.06


def test_a_larger_map_is_averaged_and_not_sampled():
    fine = torch.zeros(1, 640, 640)
    fine[:, ::2] = 1
    assert torch.allclose(
        block_saliency(fine, height=160, width=160), torch.full((1, 20, 20), 0.5), atol=0.01
    )


def test_chroma_takes_the_mean_of_its_four_blocks():
    assert chroma_saliency(torch.tensor([[[0.0, 1.0], [0.5, 0.5]]])).tolist() == [[[0.5]]]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"num_levels": 0}, "num_levels"),
        ({"q_low": 80}, "q_low"),
        ({"q_high": 101}, "q_high"),
        ({"spacing": "other"}, "spacing"),
    ],
)
def test_settings_out_of_range_are_refused(values, message):
    with pytest.raises(ValueError, match=message):
        level_qualities(**values)


def test_a_map_out_of_range_is_refused():
    with pytest.raises(ValueError, match="within"):
        block_saliency(torch.full((1, 8, 8), 1.5), height=8, width=8)
