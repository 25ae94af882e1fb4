"""A declared measurement from its first check to its last artifact: folder, Ray, function, MLflow."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import fmean

from thesis.execution.cluster.connection import cluster_resources, ray_session
from thesis.execution.measurements.registry import MEASUREMENTS
from thesis.execution.measurements.request import MeasureRequest
from thesis.execution.storage.code_digest import code_digest
from thesis.execution.storage.run_folder import check_writable
from thesis.execution.storage.run_names import new_numbered_folder
from thesis.results.findings import Findings
from thesis.tracking.journal import Journal
from thesis.tracking.mlflow.session import Session, end_run, link_comparison, log_files, tracked
from thesis.tracking.mlflow.store import open_experiment, tracking_uri
from thesis.tracking.provenance import provenance_tags
from thesis_workloads.contract.digest import digest
from thesis_workloads.contract.tables import DeclaredMeasurement
from thesis_workloads.registry import find_system


@dataclass(frozen=True, kw_only=True)
class MeasurementOutcome:
    """What a measurement leaves behind."""

    findings: Findings
    folder: Path
    uri: str
    experiment_id: str
    run_id: str
    seconds: float
    core_s: float  # seconds of CPU cores that were held


Draw = Callable[[Path, Findings], None]


def measurement_digest(declared: DeclaredMeasurement, request: MeasureRequest) -> str:
    """Returns what tells a measurement from any other: what is asked, of which data, and the code that answers.

    Raises:
        UserError: if the data are not here.
    """
    how = MEASUREMENTS[declared.table]()
    code = code_digest(how.measure.__module__, *how.code)
    asked = [declared.table, request.scale, dict(request.settings), request.seeds, how.data(request), code]
    return digest(asked, 16)


def make_request(
    declared: DeclaredMeasurement,
    *,
    scale: str,
    seeds: tuple[int, ...],
    output_dir: Path,
    data_dir: Path | None,
    concurrency: int | None,
) -> MeasureRequest:
    """Returns what a measurement is asked for at a scale; its folder is given to it when it runs."""
    return MeasureRequest(
        scale=scale,
        settings=declared.settings[scale],
        seeds=seeds,
        data_dir=data_dir,
        folder=output_dir,
        concurrency=concurrency,
    )


def run_measurement(
    declared: DeclaredMeasurement, request: MeasureRequest, *, key: str, output_dir: Path, draw: Draw
) -> MeasurementOutcome:
    """Measures one table; ``draw`` adds figures to its folder before all of it is logged.

    ``key`` is the measurement's digest, which its folder is named after.

    Raises:
        UserError: for anything the user can fix.
    """
    check_writable(output_dir)
    folder = _new_folder(output_dir.resolve(), f"{declared.system}-{declared.table}-{key[:8]}")
    request = replace(request, folder=folder / "results")
    with ray_session(dashboard=False):
        began = time.perf_counter()
        findings = MEASUREMENTS[declared.table]().measure(request)
        seconds = time.perf_counter() - began
        core_s = seconds * min(cluster_resources().get("CPU", 1.0), request.concurrency or math.inf)
        draw(folder / "results", findings)
        uri, experiment_id, run_id = _log(declared, request, findings, folder, output_dir, seconds)
    return MeasurementOutcome(
        findings=findings,
        folder=folder,
        uri=uri,
        experiment_id=experiment_id,
        run_id=run_id,
        seconds=seconds,
        core_s=core_s,
    )


def _new_folder(output_dir: Path, name: str) -> Path:
    folder = new_numbered_folder(output_dir, name)
    (folder / "results").mkdir()
    return folder


def _log(
    declared: DeclaredMeasurement,
    request: MeasureRequest,
    findings: Findings,
    folder: Path,
    output_dir: Path,
    seconds: float,
) -> tuple[str, str, str]:
    system = find_system(declared.system)
    uri = tracking_uri(output_dir)
    experiment_id = open_experiment(
        uri, name=system.name, output_dir=output_dir, tags={"mlflow.note.content": system.title}
    )
    description = f"{declared.title} ({declared.table}) at scale {request.scale}. Each child run is a row."
    tags = {
        "thesis.system": system.name,
        "thesis.scale": request.scale,
        "thesis.chapter": str(system.chapter),
        "thesis.tables": declared.table,
        "thesis.dataset": f"{findings.data.name} {findings.data.version}".strip(),
        "thesis.dataset_digest": findings.data.digest,
        "thesis.runner": "measurement",
        **provenance_tags(),
    }
    journal = folder / "journal.jsonl"
    _write_rows(journal, findings, request)
    with tracked(
        uri=uri,
        experiment_id=experiment_id,
        journal=journal,
        name=folder.name,
        has_trials=True,
        params={"table": declared.table, "scale": request.scale, **request.settings},
        tags=tags,
        description=description,
        first_metric=next((cell.column for cell in findings.cells), ""),
        dataset={
            "name": findings.data.name,
            "version": findings.data.version,
            "digest": findings.data.digest,
        },
        level="table",
    ) as session:
        log_files(session, folder / "results")
        session.sender.close()
        link_comparison(session, description, run=folder.name)
        _end(session, seconds)
    return uri, experiment_id, session.run_id


def _end(session: Session, seconds: float) -> None:
    end_run(session, "FINISHED", metrics={"throughput/seconds": seconds}, tags={})


def _write_rows(path: Path, findings: Findings, request: MeasureRequest) -> None:
    """Writes each row of the table as a trial of one step, its columns as metrics."""
    rows: dict[str, dict[str, float]] = {}
    keys: dict[str, dict[str, object]] = {}
    for cell in findings.cells:
        name = " ".join(f"{key}={value}" for key, value in cell.row.items()) or "all"
        keys[name] = dict(cell.row)
        rows.setdefault(name, {})[_plain(cell.column)] = fmean(cell.values.values())
    journal = Journal(path)
    for name, metrics in rows.items():
        journal.start(name, name=name, config={**keys[name], **request.settings}, is_baseline=False)
        journal.epoch(name, {"epoch": 1, **metrics})
        journal.end(name, status="finished")
    journal.close()


def _plain(name: str) -> str:
    # MLflow takes letters, digits, "_-. :/" and spaces in the name of a metric.
    return "".join(letter if letter.isalnum() or letter in "_-. :/" else " " for letter in name)
