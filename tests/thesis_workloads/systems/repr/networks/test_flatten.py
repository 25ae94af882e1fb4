import torch
from torch import nn

from thesis_workloads.systems.repr.networks.flatten import FlattenMaps


def slopes_before(flatten, maps):
    """Returns what a layer before the flattening gets back, where each output counts by its place."""
    seen = []
    leaf = maps.requires_grad_()
    reached = leaf * 1.0
    reached.grad_fn.register_prehook(lambda slopes: seen.extend(slopes))
    outputs = flatten(reached)
    (outputs * torch.arange(outputs.shape[1])).sum().backward()
    return outputs.detach(), seen[0]


def test_slopes_come_back_in_the_layout_of_the_maps_with_the_same_numbers():
    maps = torch.randn(2, 3, 4, 5).contiguous(memory_format=torch.channels_last)
    outputs, slopes = slopes_before(FlattenMaps(), maps.clone())
    expected, plain = slopes_before(nn.Flatten(), maps.clone())
    assert torch.equal(outputs, expected)
    assert torch.equal(slopes, plain)
    assert slopes.is_contiguous(memory_format=torch.channels_last)
    assert not plain.is_contiguous(memory_format=torch.channels_last)


def test_maps_in_rows_are_flattened_as_ever():
    _, slopes = slopes_before(FlattenMaps(), torch.randn(2, 3, 4, 5))
    assert slopes.is_contiguous()


def test_nothing_is_kept_for_slopes_where_none_are_asked_for():
    maps = torch.randn(2, 3, 4, 5)
    assert torch.equal(FlattenMaps()(maps), maps.flatten(1))
