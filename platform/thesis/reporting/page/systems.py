"""The systems of a report: those of the dissertation, of installed packages, and of any measured table."""

from thesis.paper.reference import Reference
from thesis.results.measured_tables import Measured
from thesis_workloads.registry import all_systems


def reported_systems(reference: Reference, measured: Measured) -> list[str]:
    """Returns every system with a printed table, a claim or a measured table: by chapter, then by first mention."""
    names = dict.fromkeys(
        [
            *(table.system for table in reference.tables.values()),
            *(claim.system for claim in reference.claims.values()),
            *(table.system for table in measured.tables.values() if table.id not in reference.tables),
        ]
    )
    return [*(name for name in all_systems() if name in names), *(n for n in names if n not in all_systems())]


def unreported_systems(reported: list[str]) -> list[str]:
    """Returns the registered systems that a report has nothing of."""
    return [name for name in all_systems() if name not in reported]


def system_title(name: str) -> str:
    """Returns the title of a registered system, or the name of any other."""
    system = all_systems().get(name)
    return system.title if system is not None and system.title else name
