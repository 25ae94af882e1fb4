"""The best trained model that the runs of a system have left, found as files; needs no Ray.

One rule for every command that uses a trained model: of the named run, or else of the newest run of the system that
left a model, the trial with the best last value of the system's selection metric among those that left a state.
Baselines and controls of a sweep take part like any other trial; a trial without that metric comes last.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from thesis.execution.storage.checkpoints import newest_state
from thesis.execution.storage.run_folder import RunFolder, find_run, load_plan, runs_of, stored_extra
from thesis.tracking.journal import read_events
from thesis.tracking.records import TrialRecord, read_records
from thesis_workloads.contract.errors import UserError
from thesis_workloads.contract.experiment import Experiment
from thesis_workloads.contract.reporter import State


@dataclass(frozen=True, kw_only=True)
class TrainedModel:
    """The best trial of a run, with its configuration and its last state."""

    folder: RunFolder
    config: Any
    trial: str
    state: State

    @property
    def data_dir(self) -> Path | None:
        """The data folder that the run was started with."""
        stored = stored_extra(self.folder)["data_dir"]
        return Path(stored) if stored else None


def find_best_model(system: Experiment, output_dir: Path, run: str | None) -> TrainedModel:
    """Returns the best model of the named run, or of the newest run of the system that left one.

    Raises:
        UserError: if there is no such run, it is of another system, or it left no model.
    """
    if run is not None:
        folder = find_run(output_dir, run)
        of_system = load_plan(folder).system
        if of_system != system.name:
            raise UserError(f"{folder.name} is a run of {of_system}, not of {system.name}")
        found = _best(system, folder)
        if found is None:
            raise UserError(f"{folder.name} has left no trained model yet (thesis resume {folder.name})")
        return found
    for folder in runs_of(output_dir, system.name):
        found = _best(system, folder)
        if found is not None:
            return found
    raise UserError(
        f"no trained {system.name} in {output_dir}: train one with thesis train {system.name}, or name another"
        " --output-dir"
    )


def _best(system: Experiment, folder: RunFolder) -> TrainedModel | None:
    if not folder.journal.exists():
        return None
    sign = -1 if system.mode == "max" else 1
    records = [record for record in read_records(read_events(folder.journal)) if record.history]
    for record in sorted(records, key=lambda record: sign * _selected(record, system)):
        state = newest_state(folder, record.trial_id)
        if state is not None:
            config = system.config(**record.config)
            return TrainedModel(folder=folder, config=config, trial=record.trial_id, state=state)
    return None


def _selected(record: TrialRecord, system: Experiment) -> float:
    worst = float("-inf") if system.mode == "max" else float("inf")
    return record.history[-1].get(system.selection_metric, worst)
