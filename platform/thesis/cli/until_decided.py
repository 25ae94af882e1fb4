"""``thesis reproduce ID... --until-decided``: a pilot, then seeds where they decide most claims per core hour.

Every look at the results costs: from the pilot on the tables are marked, and their claims are judged by tests that
hold however often one looks. Trials are content-addressed, so an extension runs its new seeds only, all of a step in
one Ray job; interrupted, the same command finds what is there and resumes.
"""

import dataclasses
import os
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from thesis.cli.printing.reproduction import hours_text, print_costs, reproduce_all
from thesis.execution.cluster.connection import ray_session as connected
from thesis.experiments.tables import REPRODUCTIONS
from thesis.paper.reference import read_reference
from thesis.paper.seed_plan import Step, Target, next_step, open_targets
from thesis.paper.verdicts import VERDICTS, ClaimVerdict, judge_all
from thesis.reporting.tables.reproduced import mark_sequential
from thesis.results.measured_tables import Measured
from thesis.results.table_files import read_measured
from thesis.workflows.reproduce_plan import Settings, cost_of, num_seeds_of
from thesis_workloads.contract.errors import UserError
from thesis_workloads.contract.tables import DeclaredMeasurement, DeclaredRuns

_UNITS_S = {"s": 1, "m": 60, "h": 3600, "d": 86400}


@dataclass(frozen=True, kw_only=True)
class Limits:
    """How far ``--until-decided`` may go."""

    budget_s: float  # wall time of the whole command
    max_seeds: int  # of one table


def parse_duration(text: str) -> float:
    """Returns the seconds of ``90s``, ``30m``, ``2h`` or ``1d``.

    Raises:
        UserError: if it is none of these.
    """
    found = re.fullmatch(r"(\d+(?:\.\d+)?)([smhd])", text.strip())
    if found is None or float(found[1]) <= 0:
        raise UserError(f"--time-budget must be a number above 0 with s, m, h or d, such as 2h, got {text!r}")
    return float(found[1]) * _UNITS_S[found[2]]


def reproduce_until_decided(names: list[str], settings: Settings, limits: Limits, console: Console) -> int:
    """Reproduces tables and adds seeds until their claims are decided; returns the exit code of `reproduce_all`."""
    with connected(dashboard=False):
        return _pilot_and_steps(names, settings, limits, console)


def _pilot_and_steps(names: list[str], settings: Settings, limits: Limits, console: Console) -> int:
    began = time.monotonic()
    code = 0
    for num_seeds, group in _pilots(names, settings, limits).items():
        made = reproduce_all(group, dataclasses.replace(settings, num_seeds=num_seeds), console)
        if made == 130:
            return made
        code = max(code, made)
    for name in names:
        mark_sequential(settings.output_dir, table=name, scale=settings.scale)
    _print_counts("after the pilot", _verdicts(names, settings), console)
    hours = _hours_per_seed(names, settings)
    tried: set[tuple[tuple[str, ...], int]] = set()
    while (left_s := limits.budget_s - (time.monotonic() - began)) > 0:
        step = _affordable_step(names, settings, limits, hours, left_s)
        if step is None or (step.tables, step.num_seeds) in tried:
            break
        tried.add((step.tables, step.num_seeds))
        console.print(
            f"{', '.join(step.tables)} to {step.num_seeds} seeds: may decide {len(step.claims)} claims,"
            f" about {hours_text(step.core_hours)} core hours; {left_s / 60:.0f} minutes left.",
            highlight=False,
        )
        more = dataclasses.replace(settings, num_seeds=step.num_seeds, fresh=False)
        made = reproduce_all(list(step.tables), more, console)
        if made:
            return made
    _print_counts("at the end", _verdicts(names, settings), console)
    _print_open(names, settings, limits, console)
    return code


def print_decision_plan(names: list[str], settings: Settings, limits: Limits, console: Console) -> None:
    """Prints what the pilot costs and, of what is measured, which steps would follow; runs nothing."""
    print_costs(names, settings, console)
    measured = read_measured(settings.output_dir, scale=settings.scale)
    if not any(name in measured.tables for name in names):
        console.print("Nothing of it is measured: the pilot comes first; what follows depends on it.")
        return
    targets = _targets(names, settings, limits)
    hours = _hours_per_seed(names, settings)
    table = Table("step", "tables", "seeds", "claims", "core h", box=SIMPLE_HEAD, pad_edge=False)
    number = 0
    while (step := next_step(targets, measured.tables, hours)) is not None:
        number += 1
        row = (str(number), ", ".join(step.tables), str(step.num_seeds), str(len(step.claims)))
        table.add_row(*row, hours_text(step.core_hours))
        targets = [target for target in targets if target.claim not in step.claims]
    console.print(
        f"Steps after the pilot, at most {limits.max_seeds} seeds and {limits.budget_s / 3600:g} h:"
    )
    console.print(table)
    _print_open(names, settings, limits, console)


def _pilots(names: list[str], settings: Settings, limits: Limits) -> Mapping[int, list[str]]:
    """Returns the tables by the number of seeds to begin with: those that an earlier command came to."""
    measured = read_measured(settings.output_dir, scale=settings.scale)
    groups: dict[int, list[str]] = {}
    for name in names:
        found = measured.tables.get(name)
        is_begun = found is not None and found.is_sequential and _is_extensible(name)
        number = len(found.seeds) if found is not None and is_begun else settings.num_seeds
        groups.setdefault(min(number, limits.max_seeds), []).append(name)
    return groups


def _affordable_step(
    names: list[str], settings: Settings, limits: Limits, hours: Mapping[str, float], left_s: float
) -> Step | None:
    """Returns the best step that fits what is left of the time, on as many cores as run at once."""
    measured = read_measured(settings.output_dir, scale=settings.scale)
    targets = _targets(names, settings, limits)
    each = settings.resources.workers * settings.resources.cpus_per_worker
    cores = each * settings.concurrency if settings.concurrency else os.cpu_count() or 1
    while (step := next_step(targets, measured.tables, hours)) is not None:
        if step.core_hours * 3600 / cores <= left_s:
            return step
        targets = [target for target in targets if target.claim not in step.claims]
    return None


def _targets(names: list[str], settings: Settings, limits: Limits) -> list[Target]:
    measured = read_measured(settings.output_dir, scale=settings.scale)
    return open_targets(_verdicts(names, settings), measured.tables, max_seeds=limits.max_seeds)


def _verdicts(names: list[str], settings: Settings) -> list[ClaimVerdict]:
    measured = read_measured(settings.output_dir, scale=settings.scale)
    return [found for found in judge_all(read_reference(), measured) if _rests_on(found, names, measured)]


def _rests_on(found: ClaimVerdict, names: list[str], measured: Measured) -> bool:
    tables = {name for finding in found.findings for name in finding.tables}
    return any(table == name or table.endswith(f"-{name}") for table in tables for name in names)


def _is_extensible(name: str) -> bool:
    declared = REPRODUCTIONS[name]
    return isinstance(declared, DeclaredRuns | DeclaredMeasurement)


def _hours_per_seed(names: list[str], settings: Settings) -> dict[str, float]:
    found = {}
    for name in filter(_is_extensible, names):
        declared = REPRODUCTIONS[name]
        one = dataclasses.replace(settings, num_seeds=1)
        hours = cost_of(name, declared, one).core_hours
        if isinstance(declared, DeclaredMeasurement):  # its cost is that of all its seeds
            hours /= num_seeds_of(declared, dataclasses.replace(settings, num_seeds=0))
        found[name] = hours
    return found


def _print_counts(when: str, verdicts: list[ClaimVerdict], console: Console) -> None:
    counts = (f"{sum(each.verdict == kind for each in verdicts)} {kind}" for kind in VERDICTS)
    console.print(f"Claims {when}: {', '.join(counts)}, by tests that allow looking.", highlight=False)


def _print_open(names: list[str], settings: Settings, limits: Limits, console: Console) -> None:
    verdicts = [found for found in _verdicts(names, settings) if found.verdict == "undecided"]
    seeds = {target.claim: target.num_seeds for target in _targets(names, settings, limits)}
    for found in verdicts:
        number = seeds.get(found.claim.id)
        if found.claim.id not in seeds:
            words = "more seeds do not decide it"
        else:
            words = f"about {number} seeds" if number else f"not with {limits.max_seeds} seeds"
        console.print(f"- {found.claim.id}: {words}. {found.why}", highlight=False, markup=False)
