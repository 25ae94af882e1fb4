import pytest
import torch

from thesis_workloads.training.batches import epoch_order, local_part


def test_an_order_is_a_permutation_that_differs_between_epochs():
    first, second = epoch_order(50, seed=0, epoch=0), epoch_order(50, seed=0, epoch=1)
    assert torch.equal(first.sort().values, torch.arange(50))
    assert not torch.equal(first, second)


@pytest.mark.parametrize(("size", "world_size"), [(8, 2), (7, 3), (2, 4), (1, 1)])
def test_the_workers_slices_put_together_are_the_batch(size, world_size):
    batch = torch.randperm(size)
    parts = [local_part(batch, rank=rank, world_size=world_size) for rank in range(world_size)]
    assert torch.equal(torch.cat(parts), batch)
    assert len(parts[0]) > 0
