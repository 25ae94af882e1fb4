"""What is decided of a system's claims, and what deciding the rest would take."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from thesis.paper.power import ALPHA
from thesis.paper.verdicts import ClaimVerdict, Finding
from thesis.results.measured_tables import MEASURES, SEED, MeasuredTable


@dataclass(frozen=True, kw_only=True)
class Remaining:
    """What the undecided claims need for differences as published; where that is none or excluded, as measured."""

    num_undecided: int
    num_decidable: int  # by more seeds or items
    needed: Mapping[tuple[str, str], int]  # samples, by table and what they are: seeds, images, ...
    core_s: float | None  # for the seeds; None where a table does not note what it took

    @property
    def words(self) -> str:
        """Returns it as one sentence."""
        if not self.num_undecided:
            return "nothing is undecided"
        if not self.num_decidable:
            return "nothing to plan with: no spread seen yet, or more samples than can be planned"
        cost = f"; about {_hours(self.core_s)} core hours of seeds" if self.core_s else ""
        units = dict.fromkeys(unit for _, unit in self.needed)
        return f"{self.num_decidable} of {self.num_undecided} with {', '.join(map(self._most, units))}{cost}"

    def _most(self, wanted: str) -> str:
        numbers = [number for (_, unit), number in self.needed.items() if unit == wanted]
        tables = "1 table" if len(numbers) == 1 else f"{len(numbers)} tables"
        return f"up to {max(numbers)} {wanted}s in {tables}"


def remaining(verdicts: Sequence[ClaimVerdict], tables: Mapping[str, MeasuredTable]) -> Remaining:
    """Returns the samples that would decide the undecided ones of these claims with 80 % power each."""
    undecided = [verdict for verdict in verdicts if verdict.verdict == "undecided"]
    needed: dict[tuple[str, str], int] = {}
    num_decidable = 0
    for verdict in undecided:
        open_findings = [finding for finding in verdict.findings if finding.verdict == "undecided"]
        numbers = [samples_to_decide(finding) for finding in open_findings]
        if not numbers or None in numbers:
            continue
        num_decidable += 1
        for finding, number in zip(open_findings, numbers, strict=True):
            assert number is not None
            assert finding.evidence is not None
            for table in finding.tables:
                key = (table, finding.evidence.estimate.unit)
                needed[key] = max(needed.get(key, 0), number)
    costs = [_core_s(tables, table, number) for (table, unit), number in needed.items() if unit == SEED]
    return Remaining(
        num_undecided=len(undecided),
        num_decidable=num_decidable,
        needed=needed,
        core_s=None if None in costs else sum(cost for cost in costs if cost is not None),
    )


def num_lasting(verdicts: Sequence[ClaimVerdict]) -> int:
    """Returns the number of decided claims stay so after the correction over all claims; counts always do."""
    decided = [each for each in verdicts if each.verdict in ("holds", "does not hold")]
    return sum(each.p_adjusted is None or each.p_adjusted <= ALPHA for each in decided)


def num_in_part(verdicts: Sequence[ClaimVerdict]) -> int:
    """Returns the number of claims were judged on only some of their comparisons."""
    judged = [each.coverage for each in verdicts if each.verdict != "not run"]
    return sum(done < planned for done, planned in judged)


def samples_to_decide(finding: Finding) -> int | None:
    """Returns the samples that a comparison needs; None where no number of them is known to decide it."""
    needed = finding.evidence.planned if finding.evidence is not None else None
    if needed is None or math.isinf(needed) or finding.evidence is None:
        return None
    # With as many as there are it came out undecided: one more at least.
    return max(int(needed), finding.evidence.estimate.num_samples + 1)


def _core_s(tables: Mapping[str, MeasuredTable], name: str, num_seeds: int) -> float | None:
    found = tables.get(name)
    if found is not None and found.spent is None:
        found = tables.get(name.removeprefix(f"{MEASURES}{found.system}-"))
    if found is None or found.spent is None or not found.seeds:
        return None
    num_run = found.spent.num_trials - found.spent.num_reused
    if num_run <= 0:
        return None
    per_seed = found.spent.core_s / num_run * found.spent.num_trials / len(found.seeds)
    return per_seed * max(num_seeds - len(found.seeds), 0)


def _hours(seconds: float) -> str:
    return f"{seconds / 3600:.2g}"
