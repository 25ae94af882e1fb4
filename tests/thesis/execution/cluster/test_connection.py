"""What a local Ray is started with."""

import pytest

from thesis.execution.cluster.connection import LocalResources


@pytest.mark.parametrize(("cores", "num_cpus"), [(1, 2), (2, 2), (64, 3)])
def test_limits_hold_on_a_large_machine_and_leave_room_for_two_tasks_on_a_small_one(
    monkeypatch, cores, num_cpus
):
    monkeypatch.setattr("os.cpu_count", lambda: cores)
    limits = LocalResources(max_cpus=3, object_store_bytes=10**8)
    assert limits.options() == {"num_cpus": num_cpus, "object_store_memory": 10**8}
