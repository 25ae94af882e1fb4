"""Flags of a system's own settings."""

from thesis.cli.options import make_overrides
from thesis_workloads.registry import find_system


def test_a_flag_is_the_setting_of_its_name():
    declared = find_system("condensed-memory")
    with_flag = make_overrides(declared, ["hops=4"], hash_keys=0)
    assert with_flag == make_overrides(declared, ["hops=4", "hash_keys=0"]) == {"hops": 4, "hash_keys": 0}


def test_a_flag_that_is_not_given_overrides_nothing():
    assert make_overrides(find_system("repr"), None, hash_keys=None) == {}
