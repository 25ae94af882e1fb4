"""The content of a report as plain values, gathered before it is written as HTML or Markdown."""

import os
import platform
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from thesis.paper.reference import Reference, read_reference
from thesis.paper.verdicts import VERDICTS, ClaimVerdict, Verdict, judge_all
from thesis.reporting.drawing.style import save
from thesis.reporting.page.runs import PICTURES, RunReport, read_runs
from thesis.reporting.page.systems import reported_systems, system_title, unreported_systems
from thesis.reporting.tables.comparison import ComparedTable, compare_tables
from thesis.reporting.tables.published_figure import published_figure
from thesis.results.measured_tables import BrokenTable, Measured, MeasuredTable, is_measures
from thesis.results.table_files import read_measured
from thesis.tracking.provenance import provenance_tags

REPORT_FOLDER = "report"
# Figures of the dissertation whose runs draw more than one image: the name of the one that is the figure.
_FIGURES: dict[str, str] = {
    "figure-4.1": "example-deflected",
    "figure-4.2": "probability",
    "figure-4.3": "perturbations",
    "figure-4.4": "example-maps",
    "figure-4.6": "ranks",
    "adaptive": "adaptive",
}


@dataclass(frozen=True, kw_only=True)
class Picture:
    """A figure in a file."""

    path: Path
    title: str
    caption: str


@dataclass(frozen=True, kw_only=True)
class SystemReport:
    """One system: its tables and claims."""

    name: str
    title: str
    tables: tuple[ComparedTable, ...]
    measures: tuple[MeasuredTable, ...]  # quantities, figures and tables that the dissertation does not print
    verdicts: tuple[ClaimVerdict, ...]
    pictures: dict[str, tuple[Picture, ...]]  # by table id: those inside the page
    linked: dict[str, tuple[Path, ...]]  # by table id: other images of its run

    @property
    def counts(self) -> dict[Verdict, int]:
        """Returns the number of claims with each verdict."""
        return count_verdicts(self.verdicts)

    @property
    def measured_by_id(self) -> dict[str, MeasuredTable]:
        """Returns the measured tables of the system."""
        tables = [*(table.measured for table in self.tables), *self.measures]
        return {table.id: table for table in tables if table is not None}


@dataclass(frozen=True, kw_only=True)
class Report:
    """All of a report."""

    reference: Reference
    created: datetime
    output_dir: Path
    systems: tuple[SystemReport, ...]
    unreported: tuple[str, ...]  # registered systems with no table and no claim in this report
    broken: tuple[BrokenTable, ...]
    runs: tuple[RunReport, ...]  # the latest first
    environment: dict[str, str]

    @property
    def verdicts(self) -> list[ClaimVerdict]:
        """Returns the verdicts of all systems."""
        return [verdict for system in self.systems for verdict in system.verdicts]

    @property
    def measured(self) -> list[MeasuredTable]:
        """Returns the measured tables in the order of the page."""
        return [table for system in self.systems for table in system.measured_by_id.values()]


def count_verdicts(verdicts: Iterable[ClaimVerdict]) -> dict[Verdict, int]:
    """Returns the number of claims with each verdict, zeros included."""
    counted = Counter(verdict.verdict for verdict in verdicts)
    return {verdict: counted[verdict] for verdict in VERDICTS}


def gather(output_dir: Path, *, scale: str | None = None) -> Report:
    """Returns the report on an output folder; draws measured tables into its ``report/figures``.

    Args:
        output_dir: Where runs and measured tables are.
        scale: Only tables of this scale; None takes of each the costliest.
    """
    reference = read_reference()
    measured = read_measured(output_dir, scale=scale)
    compared = compare_tables(reference, measured)
    verdicts = judge_all(reference, measured)
    pictures = {table.table.id: _table_pictures(table, output_dir) for table in compared}
    names = reported_systems(reference, measured)
    return Report(
        reference=reference,
        created=datetime.now(UTC),
        output_dir=output_dir,
        systems=tuple(_system(name, compared, measured, verdicts, pictures, output_dir) for name in names),
        unreported=tuple(unreported_systems(names)),
        broken=measured.broken,
        runs=read_runs(output_dir),
        environment=_environment(),
    )


def _system(
    name: str,
    compared: list[ComparedTable],
    measured: Measured,
    verdicts: list[ClaimVerdict],
    pictures: dict[str, tuple[Picture, ...]],
    output_dir: Path,
) -> SystemReport:
    tables = tuple(table for table in compared if table.table.system == name)
    printed = {table.table.id for table in compared}
    unprinted = tuple(
        table
        for table in measured.tables.values()
        if table.system == name and (is_measures(table.id) or table.id not in printed)
    )
    drawn = {table.id: _drawn(table, output_dir) for table in unprinted}
    own = [*unprinted, *(table.measured for table in tables if table.measured is not None)]
    return SystemReport(
        name=name,
        title=system_title(name),
        tables=tables,
        measures=unprinted,
        verdicts=tuple(verdict for verdict in verdicts if verdict.claim.system == name),
        pictures={**{table.table.id: pictures[table.table.id] for table in tables}, **drawn},
        linked={table.id: _linked(table, output_dir) for table in own},
    )


def _table_pictures(compared: ComparedTable, output_dir: Path) -> tuple[Picture, ...]:
    pictures = []
    figure = published_figure(compared)
    if figure is not None:
        paths = save(figure, output_dir / REPORT_FOLDER / "figures", compared.table.id)
        pictures.append(
            Picture(
                path=paths[1],
                title=f"{compared.table.id}, measured next to published",
                caption="Measured and published values; the table above has the numbers.",
            )
        )
    if compared.measured is not None:
        pictures += _drawn(compared.measured, output_dir)
    return tuple(pictures)


def _drawn(table: MeasuredTable, output_dir: Path) -> tuple[Picture, ...]:
    """Returns the declared figure of a table or figure, the smaller of PNG and SVG."""
    pictures = []
    for path in _files(table, output_dir):
        if _is_own(table, path):
            words = "as measured" if path.stem == table.id else path.stem.replace("-", " ")
            smaller = min((path, path.with_suffix(".svg")), key=_size)
            pictures.append(Picture(path=smaller, title=f"{table.id}, {words}", caption=f"{words}."))
    return tuple(pictures)


def _linked(table: MeasuredTable, output_dir: Path) -> tuple[Path, ...]:
    """Returns the other images of a table's run."""
    return tuple(path for path in _files(table, output_dir) if not _is_own(table, path))


def _files(table: MeasuredTable, output_dir: Path) -> list[Path]:
    paths = (output_dir / name for name in table.figures)
    return [path for path in paths if path.suffix in PICTURES and path.is_file()]


def _is_own(table: MeasuredTable, path: Path) -> bool:
    return path.stem in (table.id, _FIGURES.get(table.id))


def _size(path: Path) -> float:
    return path.stat().st_size if path.is_file() else float("inf")


def _environment() -> dict[str, str]:
    return {
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "system": platform.platform(),
        **provenance_tags(),
    }
