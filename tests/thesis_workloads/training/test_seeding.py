import torch

from thesis_workloads.training.seeding import derived_seed, generator, seeded


def test_a_seed_depends_on_every_part_and_on_their_order():
    seeds = {derived_seed("a", 1, 2), derived_seed("a", 2, 1), derived_seed("b", 1, 2), derived_seed("a", 12)}
    assert len(seeds) == 4


def test_a_seed_is_the_same_on_every_machine_and_in_every_process():
    assert derived_seed("epoch", 0, 1) == 222098959399621671


def test_a_generator_repeats_its_numbers():
    assert torch.equal(torch.rand(5, generator=generator("x", 3)), torch.rand(5, generator=generator("x", 3)))


def test_a_seeded_block_repeats_and_leaves_the_global_generator_alone():
    before = torch.get_rng_state()
    with seeded("x", 1):
        first = torch.rand(4)
    with seeded("x", 1):
        assert torch.equal(first, torch.rand(4))
    assert torch.equal(before, torch.get_rng_state())
