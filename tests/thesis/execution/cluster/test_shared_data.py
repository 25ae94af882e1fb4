"""A run's data taken apart for Ray's object store and put together again."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import torch

from thesis.execution.cluster.shared_data import from_object_store, to_object_store


@dataclass(frozen=True)
class Part:
    images: torch.Tensor
    labels: torch.Tensor
    name: str


@pytest.fixture
def data():
    generator = torch.Generator().manual_seed(0)
    images = torch.rand(100, 3, 8, 8, generator=generator)
    return {"train": Part(images, torch.arange(100), "a"), "words": ["one", "two"], "view": images[::2]}


def test_what_is_put_together_is_what_was_taken_apart(data):
    found = from_object_store(to_object_store(("digits",), data))
    assert torch.equal(found["train"].images, data["train"].images)
    assert torch.equal(found["train"].labels, data["train"].labels)
    assert torch.equal(found["view"], data["view"])
    assert (found["train"].name, found["words"]) == ("a", ["one", "two"])


def test_tensors_are_not_in_the_pickled_part(data):
    shared = to_object_store(("digits",), data)
    assert len(shared.rest) < 1500
    assert sum(array.nbytes for array in shared.arrays) >= data["train"].images.nbytes


def test_tensors_are_views_of_the_arrays(data):
    shared = to_object_store(("digits",), data)
    shared.arrays[:] = [array.copy() for array in shared.arrays]
    found = from_object_store(shared)
    addresses = [array.ctypes.data for array in shared.arrays]
    assert found["train"].images.data_ptr() in addresses


@pytest.mark.ray
def test_two_processes_map_one_copy_of_the_data(ray_session):
    import ray

    def mapped(shared):
        data = from_object_store(shared)
        address = data.data_ptr()
        for line in Path("/proc/self/maps").read_text(encoding="utf-8").splitlines():
            ends, *_, file = line.split(maxsplit=5)
            first, last = (int(end, 16) for end in ends.split("-"))
            if first <= address < last:
                return file, address - first, float(data.sum())
        return None

    data = torch.ones(1_000_000)
    shared = ray.put(to_object_store((), data))
    first, second = ray.get([ray.remote(mapped).remote(shared) for _ in range(2)])
    assert first == second
    assert "plasma" in first[0]
    assert first[2] == np.float32(data.sum())
