"""The ranking of a sweep's configurations, with intervals and a verdict against the baseline.

A configuration is what its trials share apart from the seed. Intervals are Student's, over seeds; those of
the gain are paired by seed. They hold for one configuration at a time: among many, the best by chance looks
better than it is, which is why the choice is made on the held-out part and the test part is only reported.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from thesis.reporting.sweeps.trial_values import last_value, searched_keys
from thesis.statistics.intervals import Interval, paired_interval, t_interval
from thesis.tracking.records import TrialRecord

Verdict = Literal["better", "worse", "undecided", "baseline"]

ORDER_OF_STATUS = {"finished": 0, "stopped": 1, "running": 2, "killed": 3, "failed": 4}


@dataclass(frozen=True, kw_only=True)
class RankedRow:
    """One configuration over its seeds."""

    rank: int  # from 1
    is_baseline: bool
    control: str = ""  # the name of the control that it is, as the system declares it
    settings: dict[str, Any]  # the searched keys that apply to it
    config: dict[str, Any]  # complete, without the seed
    status: str  # finished | stopped | running | killed | failed: of the trials that the numbers come from
    seeds: tuple[int, ...]  # that the numbers come from
    selection: Interval | None
    test: Interval | None
    gain: Interval | None  # of the selection metric over the baseline, paired by seed
    test_gain: Interval | None
    verdict: Verdict  # from the interval of `gain`
    trial_ids: tuple[str, ...]
    num_failed: int
    num_stopped: int
    num_unfinished: int  # killed, or still running
    reported: dict[str, Interval | None] = field(default_factory=dict)  # of the other metrics, by name
    is_reading: bool = False  # of a baseline's runs, which have a row of their own

    @property
    def is_candidate(self) -> bool:
        """Returns True for a configuration of the method, False for baseline and control."""
        return not self.is_baseline and not self.control


@dataclass(frozen=True, kw_only=True)
class Ranking:
    """All configurations of a sweep, best first."""

    rows: tuple[RankedRow, ...]
    searched: tuple[str, ...]
    metric: str
    test_metric: str
    higher_is_better: bool
    reported: tuple[str, ...] = ()  # further metrics with a value in at least one row

    @property
    def best(self) -> RankedRow | None:
        """Returns the best configuration that finished and is neither baseline nor control."""
        return next((row for row in self.rows if row.is_candidate and row.status == "finished"), None)

    @property
    def baseline(self) -> RankedRow | None:
        """Returns the best baseline that finished."""
        return next((row for row in self.rows if row.is_baseline and row.status == "finished"), None)

    @property
    def controls(self) -> tuple[RankedRow, ...]:
        """Returns the controls that finished, best first."""
        return tuple(row for row in self.rows if row.control and row.status == "finished")

    @property
    def num_failed(self) -> int:
        """Returns the number of trials that failed."""
        return sum(row.num_failed for row in self.rows if not row.is_reading)


@dataclass(frozen=True, kw_only=True)
class _Group:
    """The trials of one configuration, with the last values per seed of those that count."""

    config: dict[str, Any]
    is_baseline: bool
    records: list[TrialRecord]
    status: str
    selection: dict[int, float]
    test: dict[int, float]
    control: str = ""
    is_reading: bool = False  # of runs that another group has


def rank(
    records: Sequence[TrialRecord],
    *,
    searched: Sequence[str] | None = None,
    metric: str = "val/accuracy",
    test_metric: str = "test/accuracy",
    higher_is_better: bool = True,
    seed_key: str = "seed",
    baseline_ignores: Collection[str] = (),
    reported: Sequence[str] = (),
    readings: Mapping[str, tuple[str, str]] | None = None,
) -> Ranking:
    """Returns the configurations, best mean of `metric` first.

    `searched` are the keys shown (default: those that differ); `baseline_ignores` are keys that mean nothing
    to a baseline. Finished trials count; where a configuration has none, those a scheduler stopped do, and it
    comes after all that finished. Where there are several baselines, each configuration is compared with
    the one whose configuration agrees with its own in the most keys. `readings` are controls that are another
    reading of the baselines' runs: by name the metrics in place of `metric` and `test_metric`.
    """
    keys = tuple(searched_keys(records, seed_key=seed_key) if searched is None else searched)
    groups = [
        _group(members, metric=metric, test_metric=test_metric, seed_key=seed_key, ignored=baseline_ignores)
        for members in _by_configuration(records, seed_key=seed_key, ignored=baseline_ignores)
    ]
    baselines = [group for group in groups if group.is_baseline and group.status == "finished"]
    read = [
        _reading(group, name, metrics, seed_key=seed_key)
        for name, metrics in (readings or {}).items()
        for group in baselines
    ]
    groups += [group for group in read if group.selection]
    rows = [
        _row(
            group,
            baselines,
            keys=keys,
            reported=reported,
            seed_key=seed_key,
            higher_is_better=higher_is_better,
        )
        for group in groups
    ]
    ordered = sorted(rows, key=lambda row: _sort_key(row, higher_is_better=higher_is_better))
    return Ranking(
        rows=tuple(replace(row, rank=place) for place, row in enumerate(ordered, start=1)),
        searched=keys,
        metric=metric,
        test_metric=test_metric,
        higher_is_better=higher_is_better,
        reported=tuple(name for name in reported if any(row.reported[name] for row in rows)),
    )


def verdict_of(gain: Interval | None, *, higher_is_better: bool) -> Verdict:
    """Returns the verdict of a gain: undecided unless its whole interval lies on one side of zero.

    One shared seed, or seeds that all differ by the same amount (which happens when accuracy moves in
    steps of one image), give no spread to judge by: undecided.
    """
    if gain is None or gain.half_width is None or gain.half_width <= 1e-9:
        return "undecided"
    if gain.low > 0:
        return "better" if higher_is_better else "worse"
    if gain.high < 0:
        return "worse" if higher_is_better else "better"
    return "undecided"


def _by_configuration(
    records: Sequence[TrialRecord], *, seed_key: str, ignored: Collection[str]
) -> list[list[TrialRecord]]:
    groups: dict[str, list[TrialRecord]] = {}
    for record in records:
        config = _config_of(record, seed_key=seed_key, ignored=ignored)
        role = [record.is_baseline, record.control]
        identity = json.dumps([*role, config], sort_keys=True, default=repr)
        groups.setdefault(identity, []).append(record)
    return list(groups.values())


def _config_of(record: TrialRecord, *, seed_key: str, ignored: Collection[str]) -> dict[str, Any]:
    dropped = {seed_key, *(ignored if record.is_baseline else ())}
    return {key: value for key, value in record.config.items() if key not in dropped}


def _group(
    members: list[TrialRecord], *, metric: str, test_metric: str, seed_key: str, ignored: Collection[str]
) -> _Group:
    status = min((record.status for record in members), key=ORDER_OF_STATUS.__getitem__)
    counted = [record for record in members if record.status == status and status in ("finished", "stopped")]
    return _Group(
        config=_config_of(members[0], seed_key=seed_key, ignored=ignored),
        is_baseline=members[0].is_baseline,
        records=members,
        status=status,
        selection=_values_by_seed(counted, metric, seed_key=seed_key),
        test=_values_by_seed(counted, test_metric, seed_key=seed_key),
        control=members[0].control,
    )


def _reading(group: _Group, name: str, metrics: tuple[str, str], *, seed_key: str) -> _Group:
    """Returns a control made of a baseline's finished runs."""
    finished = [record for record in group.records if record.status == "finished"]
    selection, test = (_values_by_seed(finished, metric, seed_key=seed_key) for metric in metrics)
    return replace(group, control=name, is_baseline=False, selection=selection, test=test, is_reading=True)


def _values_by_seed(records: Sequence[TrialRecord], metric: str, *, seed_key: str) -> dict[int, float]:
    """Returns one value per seed; a search may draw the same configuration and seed twice."""
    collected: dict[int, list[float]] = {}
    for record in records:
        value = last_value(record, metric)
        if value is not None:
            collected.setdefault(int(record.config.get(seed_key, 0)), []).append(value)
    return {seed: sum(values) / len(values) for seed, values in sorted(collected.items())}


def _row(
    group: _Group,
    baselines: list[_Group],
    *,
    keys: Sequence[str],
    reported: Sequence[str],
    seed_key: str,
    higher_is_better: bool,
) -> RankedRow:
    reference = None
    if baselines and not group.is_baseline and group.status == "finished":
        reference = max(baselines, key=lambda baseline: _agreement(group.config, baseline.config))
    gain = paired_interval(group.selection, reference.selection) if reference else None
    return RankedRow(
        rank=0,
        is_baseline=group.is_baseline,
        control=group.control,
        settings={key: group.config[key] for key in keys if key in group.config},
        config=group.config,
        status=group.status,
        seeds=tuple(group.selection),
        selection=t_interval(list(group.selection.values())),
        test=t_interval(list(group.test.values())),
        gain=gain,
        test_gain=paired_interval(group.test, reference.test) if reference else None,
        verdict="baseline" if group.is_baseline else verdict_of(gain, higher_is_better=higher_is_better),
        trial_ids=tuple(record.trial_id for record in group.records),
        is_reading=group.is_reading,
        reported={
            name: None if group.is_reading else _interval_of(group, name, seed_key=seed_key)
            for name in reported
        },
        num_failed=sum(record.status == "failed" for record in group.records),
        num_stopped=sum(record.status == "stopped" for record in group.records),
        num_unfinished=sum(record.status in ("killed", "running") for record in group.records),
    )


def _interval_of(group: _Group, metric: str, *, seed_key: str) -> Interval | None:
    counted = [record for record in group.records if record.status == group.status]
    return t_interval(list(_values_by_seed(counted, metric, seed_key=seed_key).values()))


def _agreement(config: Mapping[str, Any], other: Mapping[str, Any]) -> int:
    return sum(key in other and other[key] == value for key, value in config.items())


def _sort_key(row: RankedRow, *, higher_is_better: bool) -> tuple[int, int, float]:
    mean = row.selection.mean if row.selection else 0.0
    return ORDER_OF_STATUS[row.status], row.selection is None, -mean if higher_is_better else mean
