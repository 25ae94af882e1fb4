"""Memory of freed tensors stays with a process that asks for it: touched again, it costs no page faults."""

import platform
import subprocess
import sys

import pytest

COUNT_FAULTS = """
import resource
import numpy as np
from thesis.execution.cluster.worker_setup import keep_freed_memory

if {keeps}:
    keep_freed_memory()
def touch():
    # More than glibc keeps by itself at the end of its heap.
    blocks = [np.ones(3 * 2**20, dtype=np.uint8) for _ in range(40)]
for _ in range(3):
    touch()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(3):
    touch()
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="needs glibc: others have their own ways")
def test_freed_memory_is_used_again_without_page_faults():
    def faults(keeps):
        code = COUNT_FAULTS.format(keeps=keeps)
        return int(
            subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True).stdout
        )

    assert 10 * faults(True) < faults(False)
