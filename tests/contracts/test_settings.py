"""What every field of every system's configuration owes its reader: a description, and bounds that are enforced."""

import dataclasses

import pytest

from thesis.experiments.evaluation_plan import CONFIGS
from thesis_workloads.contract.experiment import workload_of
from thesis_workloads.contract.settings import Setting, settings_of
from thesis_workloads.registry import all_systems
from thesis_workloads.systems.aug_ms_roi.config import RegionDefenseConfig
from thesis_workloads.systems.aug_ms_roi.defense import check_defense

CHECKS = {
    **{system.config: workload_of(system).validate for system in all_systems().values()},
    RegionDefenseConfig: check_defense,
}
FIELDS = [(config, name) for config in CHECKS for name in settings_of(config)]


def ids(value):
    return value.__name__ if isinstance(value, type) else str(value)


def outside(known: Setting, default: object) -> list[object]:
    """Returns a value just beyond each bound, and one that is no choice."""
    wrong: list[object] = ["no-such-choice"] if known.choices else []
    wrong += [known.at_least - 1] if known.at_least is not None else []
    wrong += [known.at_most + 1] if known.at_most is not None else []
    wrong += [bound for bound in (known.above, known.below) if bound is not None]
    if wrong and isinstance(default, float):
        wrong += [float("nan"), float("inf")]
    return wrong


@pytest.mark.parametrize(("config", "name"), FIELDS, ids=ids)
def test_every_setting_is_described_and_its_choices_and_bounds_are_enforced(config, name):
    known, default = settings_of(config)[name], getattr(config(), name)
    assert known.description
    assert known.allows(default)
    for value in outside(known, default):
        with pytest.raises(ValueError, match=f"^{name} must be "):
            CHECKS[config](dataclasses.replace(config(), **{name: value}))


def test_every_configuration_that_options_set_is_checked_here():
    assert {*CONFIGS.values(), *(system.config for system in all_systems().values())} == set(CHECKS)


def test_most_settings_have_choices_or_bounds():
    ruled = [name for config, name in FIELDS if settings_of(config)[name].rule]
    assert len(ruled) > 0.75 * len(FIELDS)
