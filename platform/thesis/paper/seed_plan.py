"""Where more seeds decide most claims per core hour, and which claims no affordable number of seeds decides.

Every comparison is planned with the difference that was measured, or with the published one while its interval does
not exclude it. It counts as decidable with the fewest seeds at which such a difference would reach the bound of the
anytime-valid test (`thesis.paper.sequential`), so with a chance of about a half each.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from thesis.paper.evidence import Evidence
from thesis.paper.power import ALPHA
from thesis.paper.sequential import anytime_quantile
from thesis.paper.verdicts import ClaimVerdict, Finding
from thesis.results.measured_tables import MEASURES, SEED, MeasuredTable

MIN_SEEDS = 3  # with fewer the anytime-valid interval is infinite


@dataclass(frozen=True, kw_only=True)
class Target:
    """What an undecided claim waits for."""

    claim: str
    tables: tuple[str, ...]  # as they are reproduced
    num_seeds: int | None  # of each of them; None: not within the most that are allowed


@dataclass(frozen=True, kw_only=True)
class Step:
    """One extension: some tables brought to a number of seeds."""

    tables: tuple[str, ...]
    num_seeds: int
    claims: tuple[str, ...]  # that it may decide
    core_hours: float


def open_targets(
    verdicts: Sequence[ClaimVerdict], tables: Mapping[str, MeasuredTable], *, max_seeds: int
) -> list[Target]:
    """Returns the targets of the undecided claims over seeds."""
    return [
        _target(verdict, tables, max_seeds)
        for verdict in verdicts
        if verdict.verdict == "undecided" and _is_over_seeds(verdict)
    ]


def next_step(
    targets: Sequence[Target], tables: Mapping[str, MeasuredTable], hours_per_seed: Mapping[str, float]
) -> Step | None:
    """Returns the extension that may decide most claims per core hour; None where none may.

    Args:
        targets: What the undecided claims wait for.
        tables: What is measured, by id: how many seeds are there.
        hours_per_seed: Core hours of one seed of each table that can be extended.
    """
    wanted = {
        (target.tables, target.num_seeds)
        for target in targets
        if target.num_seeds is not None and all(name in hours_per_seed for name in target.tables)
    }
    steps = [_step(names, number, targets, tables, hours_per_seed) for names, number in sorted(wanted)]
    return max(steps, key=lambda step: len(step.claims) / max(step.core_hours, 1e-9), default=None)


def seeds_to_decide(evidence: Evidence, *, num_tests: int, max_seeds: int) -> int | None:
    """Returns the fewest seeds, more than there are, at which the planned difference reaches the bound."""
    found = evidence.estimate
    if found.deviation == 0:
        return found.num_samples + 1 if found.num_samples < max_seeds else None
    effects = [abs(found.value) / found.deviation]
    distance = evidence.published_distance
    if distance is not None and distance > 0 and not evidence.is_published_excluded:
        effects.append(distance / found.deviation)
    for number in range(found.num_samples + 1, max_seeds + 1):
        bound = anytime_quantile(ALPHA / num_tests, num_samples=number, degrees=number - 1)
        if max(effects) * math.sqrt(number) >= bound:
            return number
    return None


def _target(verdict: ClaimVerdict, tables: Mapping[str, MeasuredTable], max_seeds: int) -> Target:
    undecided = [finding for finding in verdict.findings if finding.verdict == "undecided"]
    num_tests = sum(finding.is_tested for finding in verdict.findings)
    names = dict.fromkeys(
        _reproduced(name, tables) for finding in verdict.findings for name in finding.tables
    )
    # Without a spread there is nothing to plan with yet: a look at a few more seeds comes first.
    num_here = max((len(tables[name].seeds) for name in names if name in tables), default=0)
    a_look = max(num_here + 1, MIN_SEEDS)
    numbers = [
        _seeds(finding, 1, max_seeds) if finding.evidence else a_look if a_look <= max_seeds else None
        for finding in undecided
    ]
    against = [
        _seeds(finding, num_tests, max_seeds)
        for finding in verdict.findings
        if finding.evidence is not None and finding.evidence.is_order and finding.evidence.estimate.value < 0
    ]
    # One comparison refutes a claim; to hold, it needs all of them.
    to_refute = min((number for number in against if number is not None), default=None)
    to_hold = None if against or None in numbers else max(number for number in numbers if number is not None)
    found = [number for number in (to_refute, to_hold) if number is not None]
    return Target(claim=verdict.claim.id, tables=tuple(names), num_seeds=min(found, default=None))


def _seeds(finding: Finding, num_tests: int, max_seeds: int) -> int | None:
    if finding.evidence is None:
        return None
    return seeds_to_decide(finding.evidence, num_tests=max(num_tests, 1), max_seeds=max_seeds)


def _step(
    names: tuple[str, ...],
    num_seeds: int,
    targets: Sequence[Target],
    tables: Mapping[str, MeasuredTable],
    hours_per_seed: Mapping[str, float],
) -> Step:
    claims = tuple(
        target.claim
        for target in targets
        if target.num_seeds is not None and target.num_seeds <= num_seeds and set(target.tables) <= set(names)
    )
    more = {name: max(num_seeds - len(tables[name].seeds), 0) for name in names}
    hours = sum(hours_per_seed[name] * number for name, number in more.items())
    return Step(tables=names, num_seeds=num_seeds, claims=claims, core_hours=hours)


def _is_over_seeds(verdict: ClaimVerdict) -> bool:
    undecided = [finding for finding in verdict.findings if finding.verdict == "undecided"]
    units = {f.evidence.estimate.unit for f in undecided if f.evidence is not None}
    return units <= {SEED} and all(finding.tables for finding in undecided)


def _reproduced(name: str, tables: Mapping[str, MeasuredTable]) -> str:
    """Returns the id that reproduces a table: quantities come with the table that they were measured for."""
    return name.removeprefix(f"{MEASURES}{tables[name].system}-") if name in tables else name
