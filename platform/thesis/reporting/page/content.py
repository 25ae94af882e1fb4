"""What a report tells, gathered before it is written as HTML or Markdown."""

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
from thesis.reporting.tables.comparison import ComparedTable, compare_tables
from thesis.reporting.tables.published_figure import published_figure
from thesis.results.measured_tables import BrokenTable, Measured, MeasuredTable, is_measures
from thesis.results.table_files import read_measured
from thesis.tracking.provenance import provenance_tags

REPORT_FOLDER = "report"
# Figures of the text whose runs draw more than one picture: which of them is the figure.
_FIGURES: dict[str, str] = {
    "figure-4.1": "example-deflected",
    "figure-4.2": "probability",
    "figure-4.3": "perturbations",
    "figure-4.4": "example-maps",
    "figure-4.6": "ranks",
    "adaptive": "adaptive",
}

SYSTEM_TITLES: dict[str, str] = {
    "ms-roi": "MS-ROI: content-aware JPEG",
    "aug-ms-roi": "Aug-MS-ROI: compression against attacks",
    "pixel-deflection": "Pixel deflection",
    "repr": "RePr: training with filters taken out and put back",
    "highway-vqa": "Highway networks for visual question answering",
    "residual-lstm": "Residual LSTM for paraphrases",
    "condensed-memory": "Condensed memory networks for diagnoses",
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
    measures: tuple[MeasuredTable, ...]  # quantities that the text does not print as a table
    verdicts: tuple[ClaimVerdict, ...]
    pictures: dict[str, tuple[Picture, ...]]  # by table id: what the page shows
    linked: dict[str, tuple[Path, ...]]  # by table id: what else its run drew

    @property
    def counts(self) -> dict[Verdict, int]:
        """Returns how many claims have each verdict."""
        return count_verdicts(self.verdicts)

    @property
    def measured_by_id(self) -> dict[str, MeasuredTable]:
        """Returns what was measured of the system."""
        found = [*(table.measured for table in self.tables), *self.measures]
        return {table.id: table for table in found if table is not None}


@dataclass(frozen=True, kw_only=True)
class Report:
    """All of a report."""

    reference: Reference
    created: datetime
    output_dir: Path
    systems: tuple[SystemReport, ...]
    broken: tuple[BrokenTable, ...]
    runs: tuple[RunReport, ...]  # the latest first
    environment: dict[str, str]

    @property
    def verdicts(self) -> list[ClaimVerdict]:
        """Returns the verdicts of all systems."""
        return [verdict for system in self.systems for verdict in system.verdicts]

    @property
    def measured(self) -> list[MeasuredTable]:
        """Returns what was measured, as the page orders it."""
        return [
            table
            for system in self.systems
            for table in (*(each.measured for each in system.tables), *system.measures)
            if table is not None
        ]


def count_verdicts(verdicts: Iterable[ClaimVerdict]) -> dict[Verdict, int]:
    """Returns how many claims have each verdict, zeros included."""
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
    return Report(
        reference=reference,
        created=datetime.now(UTC),
        output_dir=output_dir,
        systems=tuple(
            _system(name, compared, measured, verdicts, pictures, output_dir) for name in SYSTEM_TITLES
        ),
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
    others = tuple(
        table
        for table in measured.tables.values()
        if table.system == name and (is_measures(table.id) or table.id not in printed)
    )
    drawn = {table.id: _drawn(table, output_dir) for table in others}
    own = [*others, *(table.measured for table in tables if table.measured is not None)]
    return SystemReport(
        name=name,
        title=SYSTEM_TITLES[name],
        tables=tables,
        measures=others,
        verdicts=tuple(verdict for verdict in verdicts if verdict.claim.system == name),
        pictures={**{table.table.id: pictures[table.table.id] for table in tables}, **drawn},
        linked={table.id: _linked(table, output_dir) for table in own},
    )


def _table_pictures(compared: ComparedTable, output_dir: Path) -> tuple[Picture, ...]:
    found = []
    figure = published_figure(compared)
    if figure is not None:
        paths = save(figure, output_dir / REPORT_FOLDER / "figures", compared.table.id)
        found.append(
            Picture(
                path=paths[1],
                title=f"{compared.table.id}, measured beside published",
                caption="Measured and published values; the table above has the numbers.",
            )
        )
    if compared.measured is not None:
        found += _drawn(compared.measured, output_dir)
    return tuple(found)


def _drawn(table: MeasuredTable, output_dir: Path) -> tuple[Picture, ...]:
    """Returns the declared figure of a table or figure, the smaller of PNG and SVG."""
    found = []
    for path in _files(table, output_dir):
        if _is_own(table, path):
            words = "as measured" if path.stem == table.id else path.stem.replace("-", " ")
            smaller = min((path, path.with_suffix(".svg")), key=_size)
            found.append(Picture(path=smaller, title=f"{table.id}, {words}", caption=f"{words}."))
    return tuple(found)


def _linked(table: MeasuredTable, output_dir: Path) -> tuple[Path, ...]:
    """Returns what else the run of a table drew."""
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
