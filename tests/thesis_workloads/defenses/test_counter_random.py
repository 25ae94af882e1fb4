import torch
from scipy.stats import chisquare

from thesis_workloads.defenses.counter_random import (
    id_of_name,
    image_seeds,
    mix,
    random_bits,
    random_integers,
    random_unit,
)

SEEDS = image_seeds(torch.arange(200), seed=3)


def test_the_mix_is_splitmix64s():
    # First outputs of the published generator from state 0 and from state 1234567.
    gamma = 0x9E3779B97F4A7C15
    states = [gamma, 2 * gamma, 1234567 + gamma]
    signed = torch.tensor([(state + 2**63) % 2**64 - 2**63 for state in states])
    outputs = [value % 2**64 for value in mix(signed).tolist()]
    assert outputs == [0xE220A8397B1DCDAF, 0x6E789E6AA1B965F4, 6457827717110365317]


def test_integers_are_uniform():
    draws = random_integers(random_bits(SEEDS, num=500, streams=(0,))[0], 7)
    assert chisquare(torch.bincount(draws.flatten(), minlength=7).numpy()).pvalue > 1e-3


def test_pairs_of_successive_draws_are_uniform():
    draws = random_integers(random_bits(SEEDS, num=500, streams=(0,))[0], 6)
    pairs = draws[:, 0::2] * 6 + draws[:, 1::2]
    assert chisquare(torch.bincount(pairs.flatten(), minlength=36).numpy()).pvalue > 1e-3


def test_pairs_across_streams_and_across_images_are_uniform():
    first, second = random_integers(random_bits(SEEDS, num=500, streams=(0, 1)), 6)
    for pairs in (first * 6 + second, first[0::2] * 6 + first[1::2]):
        assert chisquare(torch.bincount(pairs.flatten(), minlength=36).numpy()).pvalue > 1e-3


def test_every_bit_is_set_half_of_the_time():
    bits = random_bits(SEEDS, num=500, streams=(0,))[0].flatten()
    shares = torch.stack([((bits >> place) & 1).double().mean() for place in range(64)])
    assert float((shares - 0.5).abs().max()) < 5 * 0.5 / 100_000**0.5


def test_unit_draws_lie_in_zero_to_one_and_average_a_half():
    draws = random_unit(random_bits(SEEDS, num=500, streams=(5,)))
    assert 0 <= float(draws.min()) < float(draws.max()) < 1
    assert abs(float(draws.mean()) - 0.5) < 5 / (12 * 100_000) ** 0.5


def test_a_draw_does_not_depend_on_its_neighbours_or_on_how_many_are_drawn():
    few = random_bits(SEEDS[7:8], num=3, streams=(2,))
    many = random_bits(SEEDS, num=50, streams=(0, 2))
    assert torch.equal(few[0, 0], many[1, 7, :3])


def test_seeds_differ_between_images_runs_and_draws():
    ids = torch.arange(1000)
    seeds = [image_seeds(ids, seed=seed, draw=draw) for seed in (0, 1) for draw in (0, 1)]
    assert len(torch.cat(seeds).unique()) == 4000


def test_the_id_of_a_name_is_the_same_everywhere():
    assert id_of_name("imagenet_00_243") == 8621987204912550205
