"""How many runs fit, by cores, memory and parts of a GPU."""

import pytest

from thesis.cli.options import make_resources
from thesis.execution.cluster import resources as packing
from thesis.execution.cluster.resources import (
    GIB,
    gpu_fraction,
    max_concurrent_trials,
    resolve_gpu_fraction,
    resource_bundle,
)
from thesis.experiments.plan import Resources
from thesis_workloads.contract.errors import UserError


@pytest.fixture
def cluster(monkeypatch):
    """A Ray of 16 cores, two cards and 64 GiB, by what it says of itself."""
    monkeypatch.setattr(packing, "cluster_resources", lambda: {"CPU": 16.0, "GPU": 2.0, "memory": 64.0 * GIB})
    for name in ("CPUS", "GPUS"):
        monkeypatch.delenv(f"THESIS_CLUSTER_{name}", raising=False)
    monkeypatch.setenv("THESIS_GPU_MEMORY_GIB", "24")
    monkeypatch.delenv("RAY_ADDRESS", raising=False)


@pytest.mark.parametrize(("needed", "on_a_card"), [(24, 1), (13, 1), (12, 2), (8, 3), (3.4, 7), (0.5, 48)])
def test_as_many_workers_share_a_card_as_their_memory_fits_into_it(needed, on_a_card):
    # Ray counts in ten thousandths: as many parts as are meant must fit into one, and not one more.
    parts = round(gpu_fraction(needed, 24) * 10_000)
    assert 10_000 // parts == on_a_card


def test_declared_memory_becomes_a_part_of_the_smallest_card(cluster):
    resources = resolve_gpu_fraction(Resources(gpu_memory_gib_per_worker=5))
    assert resources.gpus_per_worker == 0.25
    assert max_concurrent_trials(resources) == 8
    assert resource_bundle(resources) == {"CPU": 1.0, "GPU": 0.25}


def test_more_memory_than_a_card_has_is_refused(cluster):
    with pytest.raises(UserError, match="at most 24, the GiB of the smallest card, got 30"):
        resolve_gpu_fraction(Resources(gpu_memory_gib_per_worker=30))


def test_memory_of_the_machine_limits_how_many_fit(cluster):
    resources = Resources(memory_gib_per_worker=10, workers=2)
    assert max_concurrent_trials(resources) == 3
    assert resource_bundle(resources)["memory"] == 10 * GIB
    with pytest.raises(UserError, match=r"needs 80 GiB of memory .* has 64; lower --workers or --memory-per"):
        max_concurrent_trials(Resources(memory_gib_per_worker=80))


def test_a_part_of_a_gpu_is_stated_in_one_way():
    with pytest.raises(UserError, match="two ways"):
        make_resources(workers=1, cpus_per_worker=1, gpus_per_worker=0.5, memory=0, gpu_memory=3)


@pytest.fixture
def joining(cluster, monkeypatch):
    """The same cluster, whose machines join after it was asked twice."""
    asked = []

    def resources():
        asked.append(1)
        return {"CPU": 16.0} if len(asked) > 2 else {}

    monkeypatch.setattr(packing, "cluster_resources", resources)
    monkeypatch.setattr(packing, "_POLL_S", 0.01)


def test_machines_that_have_yet_to_join_a_cluster_are_waited_for(joining, monkeypatch):
    monkeypatch.setenv("RAY_ADDRESS", "127.0.0.1:6379")
    assert max_concurrent_trials(Resources()) == 16


def test_a_cluster_on_which_nothing_ever_fits_is_said_once_patience_ends(joining, monkeypatch):
    monkeypatch.setenv("RAY_ADDRESS", "127.0.0.1:6379")
    monkeypatch.setattr(packing, "_PATIENCE_S", 0.1)
    with pytest.raises(UserError, match="needs 17 CPUs"):
        max_concurrent_trials(Resources(workers=17))


def test_a_ray_of_one_s_own_is_not_waited_for(joining):
    with pytest.raises(UserError, match="needs 1 CPUs"):
        max_concurrent_trials(Resources())
