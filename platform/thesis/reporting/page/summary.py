"""The first screen of a report: verdicts per system, and claims that changed after they were first judged."""

from dataclasses import dataclass

from thesis.paper.decisions import num_in_part, num_lasting, remaining
from thesis.paper.frozen import changed_claims
from thesis.reporting.page.content import Report, SystemReport


@dataclass(frozen=True, kw_only=True)
class SystemSummary:
    """The verdicts of one system with the cost of deciding the rest."""

    system: SystemReport
    num_in_part: int  # claims judged on some of their comparisons
    num_lasting: int  # decided claims that stay decided after correction over all claims
    num_decided: int
    num_measured: int  # printed tables, measured at least in part
    scales: str
    remaining: str  # samples that the undecided claims need


@dataclass(frozen=True, kw_only=True)
class Changes:
    """Claims that were changed after a table that they judge was first measured."""

    summary: str
    items: tuple[tuple[str, str], ...]  # the claim's id, and its change
    is_sequential: bool  # seeds were added to a table because of its first results


def system_summaries(report: Report) -> list[SystemSummary]:
    """Returns a summary per system."""
    return [_summary(system) for system in report.systems]


def changes_of(report: Report) -> Changes:
    """Returns the claims that were changed after a table that they judge was first measured."""
    changes = changed_claims(report.measured, report.reference)
    num_noted = sum(table.judged_by is not None for table in report.measured)
    num_without = len(report.measured) - num_noted
    sentences = [f"{num_noted} of {len(report.measured)} measured tables record the claims that judge them."]
    if num_without:
        sentences.append(f"{num_without} do not: they were measured before claims were recorded.")
    if num_noted and not changes:
        sentences.append("None of those claims has changed since.")
    items = [
        (
            each.claim,
            f"was {each.kind} after {', '.join(each.tables)} {'was' if len(each.tables) == 1 else 'were'}"
            " first measured",
        )
        for each in changes
    ]
    return Changes(
        summary=" ".join(sentences),
        items=tuple(items),
        is_sequential=any(table.is_sequential for table in report.measured),
    )


def _summary(system: SystemReport) -> SystemSummary:
    tables = system.measured_by_id
    return SystemSummary(
        system=system,
        num_in_part=num_in_part(system.verdicts),
        num_lasting=num_lasting(system.verdicts),
        num_decided=system.counts["holds"] + system.counts["does not hold"],
        num_measured=sum(table.status.startswith("measured") for table in system.tables),
        scales=", ".join(sorted({table.scale for table in tables.values()})),
        remaining=remaining(system.verdicts, tables).words,
    )
