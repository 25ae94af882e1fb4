"""What is decided of a system's claims, and what deciding the rest would take."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from thesis.paper.measured import MEASURES, SEED, MeasuredTable
from thesis.paper.power import ALPHA
from thesis.paper.verdicts import ClaimVerdict, Finding


@dataclass(frozen=True, kw_only=True)
class Remaining:
    """What the undecided claims need, if each true difference is as large as the published one."""

    num_undecided: int
    num_decidable: int  # by more seeds or items
    seeds: Mapping[str, int]  # needed, by the table that needs them
    items: Mapping[str, int]  # images, notes or sentence pairs needed, by table
    core_s: float  # for the seeds; of tables that note what they took
    is_cost_known: bool

    @property
    def words(self) -> str:
        """Returns it as one sentence."""
        if not self.num_undecided:
            return "nothing is undecided"
        if not self.num_decidable:
            return f"no number of seeds would decide the {self.num_undecided}"
        parts = [f"{table}: {number} seeds" for table, number in self.seeds.items()]
        parts += [f"{table}: {number} items" for table, number in self.items.items()]
        cost = f"about {_hours(self.core_s)} core hours" if self.is_cost_known and self.seeds else ""
        more = f"; {cost}" if cost else ""
        return f"{self.num_decidable} of {self.num_undecided} by {', '.join(parts)}{more}"


def remaining(verdicts: Sequence[ClaimVerdict], tables: Mapping[str, MeasuredTable]) -> Remaining:
    """Returns what would decide the undecided ones of these claims with 80 % power each."""
    undecided = [verdict for verdict in verdicts if verdict.verdict == "undecided"]
    seeds: dict[str, int] = {}
    items: dict[str, int] = {}
    num_decidable = 0
    for verdict in undecided:
        needed = [_needed(finding) for finding in verdict.findings if finding.verdict == "undecided"]
        if not needed or any(number is None for number in needed):
            continue
        num_decidable += 1
        for finding in verdict.findings:
            number = _needed(finding) if finding.verdict == "undecided" else None
            if number is None or finding.evidence is None:
                continue
            wanted = seeds if finding.evidence.estimate.unit == SEED else items
            for name in finding.tables:
                wanted[name] = max(wanted.get(name, 0), number)
    costs = [_core_s(tables, name, number) for name, number in seeds.items()]
    return Remaining(
        num_undecided=len(undecided),
        num_decidable=num_decidable,
        seeds=seeds,
        items=items,
        core_s=sum(cost for cost in costs if cost is not None),
        is_cost_known=all(cost is not None for cost in costs),
    )


def num_lasting(verdicts: Sequence[ClaimVerdict]) -> int:
    """Returns how many decided claims stay so after the correction over all claims; counts always do."""
    decided = [each for each in verdicts if each.verdict in ("holds", "does not hold")]
    return sum(each.p_adjusted is None or each.p_adjusted <= ALPHA for each in decided)


def num_in_part(verdicts: Sequence[ClaimVerdict]) -> int:
    """Returns how many claims were judged on only some of their comparisons."""
    judged = [each.coverage for each in verdicts if each.verdict != "not run"]
    return sum(done < planned for done, planned in judged)


def _needed(finding: Finding) -> int | None:
    """Returns the samples that a comparison needs; None where no number of them is known to decide it."""
    needed = finding.evidence.needed if finding.evidence is not None else None
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
