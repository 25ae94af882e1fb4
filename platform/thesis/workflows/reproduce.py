"""A declared table from its digest to the kept numbers, whatever its numbers come from."""

import dataclasses
import shlex
from dataclasses import dataclass
from pathlib import Path

from thesis.experiments.tables import Declared
from thesis.reporting.tables.reproduced import is_current, keep_findings
from thesis.results.findings import Findings
from thesis.settings import DEFAULT_OUTPUT_DIR
from thesis.tracking.mlflow.pages import run_page
from thesis.workflows.reproduce_plan import Settings
from thesis.workflows.table_sources import PREPARE, Watches


@dataclass(frozen=True, kw_only=True)
class Made:
    """How a table came out."""

    was_current: bool = False
    was_interrupted: bool = False
    missing: tuple[str, ...] = ()
    detail: str = ""


_CURRENT = "Up to date: same configuration, data and code; --fresh makes it again."


def make_table(name: str, declared: Declared, settings: Settings, watches: Watches) -> Made:
    """Makes a table unless it is up to date, and keeps its numbers with where they come from.

    Raises:
        UserError: for anything the user can fix, before anything long starts.
    """
    source = PREPARE[declared.kind](name, declared, settings, watches)
    where = {"table": name, "scale": settings.scale}
    if not settings.fresh and is_current(settings.output_dir, **where, digest=source.digest):
        return Made(was_current=True, detail=_CURRENT)
    measured = source.run()
    view = _view(settings, measured.experiment_id, measured.run_id)
    kept = keep_findings(
        _with_places(measured.findings, measured.folder, view),
        **where,
        system=getattr(declared, "paper_system", "") or declared.system,
        digest="" if measured.was_interrupted else source.digest,
        provenance={"run": measured.folder.name, **measured.provenance, "command": _command(name, settings)},
        output_dir=settings.output_dir,
        spent=measured.spent,
    )
    compare = _compare_words(settings, measured.experiment_id, measured.run_id)
    return Made(
        was_interrupted=measured.was_interrupted,
        missing=kept[0].missing,
        detail=f"{measured.detail} {compare}",
    )


def _with_places(findings: Findings, folder: Path, view: str) -> Findings:
    drawn = [path for path in sorted((folder / "results").glob("*.png")) if path not in findings.figures]
    known = {path.with_suffix("") for path in findings.figures}
    figures = (*findings.figures, *(path for path in drawn if path.with_suffix("") not in known))
    return dataclasses.replace(findings, figures=figures, links={**findings.links, "MLflow run": view})


def _view(settings: Settings, experiment_id: str, run_id: str) -> str:
    from thesis.tracking.mlflow.store import tracking_uri

    uri = tracking_uri(settings.output_dir)
    place = uri if uri.startswith("http") else "http://127.0.0.1:5000"
    return f"{place}/{run_page(experiment_id, run_id)}"


def _compare_words(settings: Settings, experiment_id: str, run_id: str) -> str:
    view = _view(settings, experiment_id, run_id)
    if not view.startswith("http://127.0.0.1:5000"):
        return f"Compare in MLflow: {view}"
    is_default = settings.output_dir.resolve() == DEFAULT_OUTPUT_DIR.resolve()
    option = "" if is_default else f" --output-dir {shlex.quote(str(settings.output_dir))}"
    return f"Compare in MLflow: thesis ui{option}, then {view}"


def _command(name: str, settings: Settings) -> str:
    seeds = f" --seeds {settings.num_seeds}" if settings.num_seeds else ""
    return f"thesis reproduce {name} --scale {settings.scale}{seeds}"
