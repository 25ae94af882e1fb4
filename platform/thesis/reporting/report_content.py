"""What a report tells, gathered before it is written as HTML or Markdown."""

import os
import platform
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from thesis.paper.measured import BrokenTable, Measured, MeasuredTable, is_measures
from thesis.paper.measured_files import read_measured
from thesis.paper.reference import Reference, read_reference
from thesis.paper.verdicts import VERDICTS, ClaimVerdict, Verdict, judge_all
from thesis.reporting.compared_tables import ComparedTable, compare_tables
from thesis.reporting.published_figure import published_figure
from thesis.reporting.style import save
from thesis.tracking.provenance import provenance_tags

REPORT_FOLDER = "report"
MAX_RUNS = 12
_PICTURES = (".svg", ".png")

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
    pictures: dict[str, tuple[Picture, ...]]  # by table id

    @property
    def counts(self) -> dict[Verdict, int]:
        """Returns how many claims have each verdict."""
        return count_verdicts(self.verdicts)


@dataclass(frozen=True, kw_only=True)
class Report:
    """All of a report."""

    reference: Reference
    created: datetime
    output_dir: Path
    systems: tuple[SystemReport, ...]
    broken: tuple[BrokenTable, ...]
    run_pictures: tuple[Picture, ...]
    num_runs_left_out: int
    environment: dict[str, str]

    @property
    def verdicts(self) -> list[ClaimVerdict]:
        """Returns the verdicts of all systems."""
        return [verdict for system in self.systems for verdict in system.verdicts]


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
    run_pictures, num_left_out = _run_pictures(output_dir)
    return Report(
        reference=reference,
        created=datetime.now(UTC),
        output_dir=output_dir,
        systems=tuple(
            _system(name, compared, measured, verdicts, pictures, output_dir) for name in SYSTEM_TITLES
        ),
        broken=measured.broken,
        run_pictures=run_pictures,
        num_runs_left_out=num_left_out,
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
    return SystemReport(
        name=name,
        title=SYSTEM_TITLES[name],
        tables=tables,
        measures=others,
        verdicts=tuple(verdict for verdict in verdicts if verdict.claim.system == name),
        pictures={**{table.table.id: pictures[table.table.id] for table in tables}, **drawn},
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
    """Returns the figures that a table's run drew, the smaller of PNG and SVG."""
    found = []
    for name in table.figures:
        path = output_dir / name
        if path.suffix in _PICTURES and path.is_file():
            path = min((path, path.with_suffix(".svg")), key=_size)
            words = path.stem.replace("-", " ")
            found.append(Picture(path=path, title=f"{table.id}, {words}", caption=f"{words}."))
    return tuple(found)


def _run_pictures(output_dir: Path) -> tuple[tuple[Picture, ...], int]:
    """Returns the figures of the latest runs, and how many older runs have more."""
    folders = sorted(
        (path for path in output_dir.glob("*/results") if any(path.glob("*.png"))),
        key=lambda path: path.stat().st_mtime,
        reverse=True,
    )
    pictures = [
        Picture(
            path=min((png, png.with_suffix(".svg")), key=_size),
            title=f"{folder.parent.name}, {png.stem.replace('-', ' ')}",
            caption=f"{folder.parent.name}: {png.stem.replace('-', ' ')}.",
        )
        for folder in folders[:MAX_RUNS]
        for png in sorted(folder.glob("*.png"))
    ]
    return tuple(pictures), max(len(folders) - MAX_RUNS, 0)


def _size(path: Path) -> float:
    return path.stat().st_size if path.is_file() else float("inf")


def _environment() -> dict[str, str]:
    return {
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "system": platform.platform(),
        **provenance_tags(),
    }
