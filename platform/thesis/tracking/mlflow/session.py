"""One run's time with MLflow: its top run, its sender, its system metrics, and how it ends."""

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from thesis.errors import first_line
from thesis.tracking.mlflow.mlflow_private import start_system_metrics
from thesis.tracking.mlflow.pages import compare_page, view_page
from thesis.tracking.mlflow.runs import find_or_create_run, log_dataset, log_params
from thesis.tracking.mlflow.saved_view import View, view_tag
from thesis.tracking.mlflow.sender import Destination, JournalSender, TrialLabels
from thesis.tracking.mlflow.store import redacted
from thesis_workloads.contract.errors import UserError

if TYPE_CHECKING:
    from mlflow import MlflowClient

_SYSTEM_METRICS_INTERVAL_S = 5.0
_MAX_COMPARED = 100  # more make the page slow


@dataclass(frozen=True, kw_only=True)
class Session:
    """What is open while a run is tracked."""

    uri: str
    experiment_id: str
    run_id: str
    client: "MlflowClient"
    sender: JournalSender


@contextmanager
def tracked(
    *,
    uri: str,
    experiment_id: str,
    journal: Path,
    name: str,
    has_trials: bool,
    params: Mapping[str, Any],
    tags: Mapping[str, str],
    description: str,
    first_metric: str,
    dataset: Mapping[str, str],
    level: str | None = None,
    of_trials: Mapping[str, TrialLabels] | None = None,
) -> Iterator[Session]:
    """Opens the top run (a sweep's parent, or a training's only run) and sends the journal meanwhile.

    ``level`` is what the top run is called in its tags, where it is neither a sweep nor a training;
    ``of_trials`` is what some trials, by key, have of their own.

    Raises:
        UserError: if the store refuses what it is given, at any time.
    """
    import mlflow
    from mlflow.exceptions import MlflowException

    try:
        client = mlflow.MlflowClient(uri)
        own_level = level or ("sweep" if has_trials else "train")
        own_tags = {**tags, "thesis.level": own_level, "thesis.run": name, "mlflow.note.content": description}
        run_id = find_or_create_run(client, experiment_id=experiment_id, key=name, name=name, tags=own_tags)
        if has_trials:
            log_params(client, run_id, params)
            log_dataset(client, run_id, context="training", **dataset)
        destination = Destination(
            uri=uri,
            experiment_id=experiment_id,
            key=name,
            name=name,
            run_id=run_id,
            parent_run_id=run_id if has_trials else None,
            tags={**tags, "thesis.run": name},
            dataset=dataset,
            first_metric=first_metric,
            of_trials=of_trials or {},
        )
        sender = JournalSender(journal, destination)
        sender.start()
        monitor = start_system_metrics(run_id, interval_s=_SYSTEM_METRICS_INTERVAL_S)
        try:
            yield Session(uri=uri, experiment_id=experiment_id, run_id=run_id, client=client, sender=sender)
        finally:
            monitor.finish()
            sender.close()
    except MlflowException as error:
        reason = first_line(error)
        raise UserError(
            f"the tracking store {redacted(uri)} did not take the run ({reason}); nothing that was run is lost, and"
            f" thesis resume {name} sends the rest"
        ) from error


def end_run(session: Session, status: str, *, metrics: Mapping[str, float], tags: Mapping[str, str]) -> None:
    """Logs a run's summary and ends it as FINISHED, FAILED or KILLED."""
    from mlflow.entities import Metric, RunTag

    now_ms = int(time.time() * 1000)
    session.client.log_batch(
        session.run_id,
        metrics=[Metric(key, value, now_ms, 0) for key, value in metrics.items()],
        tags=[RunTag(key, value) for key, value in tags.items()],
    )
    session.client.set_terminated(session.run_id, status)


def link_comparison(session: Session, description: str, *, run: str, view: View | None = None) -> None:
    """Ends the top run's description with links to MLflow's pages that compare all of its trials.

    With a view the first of them is a table that averages over seeds, kept under the name of the run.
    """
    trials = session.client.search_runs(
        [session.experiment_id], f"tags.`mlflow.parentRunId` = '{session.run_id}'", max_results=_MAX_COMPARED
    )
    if not trials:
        return
    links = []
    if view is not None:
        key, value = view_tag(view, run=run, trials=trials, created_ms=int(time.time() * 1000))
        session.client.set_experiment_tag(session.experiment_id, key, value)
        links.append(f"[Settings by their means over seeds]({view_page(session.experiment_id, run)})")
    page = compare_page(session.experiment_id, [trial.info.run_id for trial in trials])
    links.append(f"[Compare {len(trials)} trials]({page})")
    text = "\n\n".join([description, *links])
    session.client.set_tag(session.run_id, "mlflow.note.content", text)


def log_files(session: Session, folder: Path) -> None:
    """Logs a folder of figures and tables as artifacts under ``results``."""
    session.client.log_artifacts(session.run_id, str(folder), artifact_path="results")


def log_table(session: Session, rows: list[dict[str, Any]], *, name: str) -> None:
    """Logs rows as a table that MLflow's page of the run can show."""
    columns: dict[str, list[Any]] = {key: [row.get(key) for row in rows] for key in (rows[0] if rows else {})}
    session.client.log_table(session.run_id, json.loads(json.dumps(columns)), artifact_file=name)
