"""What a run opens on this machine."""

import ipaddress
import os

import psutil
import pytest

pytestmark = pytest.mark.ray


def listeners(pids):
    """Returns (process, address) of everything that these processes listen on."""
    found = []
    for pid in pids:
        process = psutil.Process(pid)
        found += [
            (process.name(), connection.laddr.ip)
            for connection in process.net_connections(kind="inet")
            if connection.status == psutil.CONN_LISTEN
        ]
    return found


def is_loopback(address):
    parsed = ipaddress.ip_address(address)
    return (getattr(parsed, "ipv4_mapped", None) or parsed).is_loopback


def test_a_local_ray_can_be_reached_from_this_machine_alone(ray_session):
    import ray

    assert ray.get(ray.remote(lambda: os.getpid()).remote()) != os.getpid()
    pids = [os.getpid(), *(child.pid for child in psutil.Process().children(recursive=True))]
    found = listeners(pids)
    assert {"gcs_server", "raylet"} <= {name for name, _ in found}
    assert [each for each in found if not is_loopback(each[1])] == []
