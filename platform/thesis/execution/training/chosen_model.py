"""The model of a run's best trial: loaded from its last state, logged to MLflow with its tables, and registered."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from thesis.execution.storage.checkpoints import newest_state
from thesis.execution.storage.run_folder import RunFolder, stored_extra
from thesis.execution.training.workloads import data_settings, load_data
from thesis.experiments.plan import Plan, SweepPlan
from thesis.files import write_atomic
from thesis.tracking.journal import read_events
from thesis.tracking.mlflow.session import Session, log_table
from thesis.tracking.records import read_records
from thesis_workloads.contract.workload import Workload
from thesis_workloads.registry import find_system


@dataclass(frozen=True, kw_only=True)
class ChosenModel:
    """The trial whose model is kept."""

    config: Any
    data: Any
    state: dict[str, Any]


def load_chosen_model(
    folder: RunFolder, plan: Plan, workload: Workload, data: Any, best_trial: str | None
) -> ChosenModel | None:
    """Returns the configuration, data and last state of the best trial, or None if there is no state.

    Args:
        data: of the plan's own configuration; a sweep's best trial may have other data, which are then loaded.
    """
    if workload.restore is None and workload.tables is None:
        return None
    state = None if best_trial is None else newest_state(folder, best_trial)
    if state is None:
        return None
    config = plan.config
    if isinstance(plan, SweepPlan):
        by_id = {trial.trial_id: trial for trial in read_records(read_events(folder.journal))}
        config = find_system(plan.system).config(**by_id[str(best_trial)].config)
        if data_settings(workload, config) != data_settings(workload, plan.config):
            stored = stored_extra(folder)["data_dir"]
            data = load_data(workload, config, Path(stored) if stored else None)
    return ChosenModel(config=config, data=data, state=state)


def register_model(session: Session, system: str, workload: Workload, chosen: ChosenModel) -> str | None:
    """Logs and registers the model; returns its URI, or None if the system does not declare how to build it.

    Raises:
        UserError: if the store or the model registry does not take it.
    """
    if workload.restore is None or workload.example is None:
        return None
    from thesis.tracking.mlflow.models import log_model

    module = workload.restore(chosen.config, chosen.data, chosen.state)
    return log_model(
        session,
        module,
        example=workload.example(chosen.data),
        registered_name="-".join(filter(None, (system, str(getattr(chosen.config, "data", ""))))),
    )


def log_model_tables(session: Session, folder: RunFolder, workload: Workload, chosen: ChosenModel) -> None:
    """Logs the tables that the workload makes of its model, and keeps them next to the figures."""
    if workload.tables is None:
        return
    for name, rows in workload.tables(chosen.config, chosen.data, chosen.state).items():
        write_atomic(folder.results / f"{name}.json", json.dumps(rows, indent=1) + "\n")
        log_table(session, rows, name=f"tables/{name}.json")
