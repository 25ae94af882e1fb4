"""A trained memory network brought back from its run's checkpoint, to read one note."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from thesis.execution.storage.checkpoints import has_states, newest_state
from thesis.execution.storage.run_folder import RunFolder, find_run, load_plan, stored_extra
from thesis.execution.training.workloads import find_workload, load_data, restore_model
from thesis.experiments.plan import SweepPlan
from thesis.tracking.journal import read_events
from thesis.tracking.records import TrialRecord, read_records
from thesis_workloads.contract.errors import UserError
from thesis_workloads.registry import find_system

if TYPE_CHECKING:
    from thesis_workloads.systems.condensed_memory.diagnose import Diagnosis

SYSTEM = "condensed-memory"


def diagnose_note(
    output_dir: Path, text: str, *, run: str | None, data_dir: Path | None, top: int
) -> tuple["Diagnosis", RunFolder, Any]:
    """Returns the diagnosis, the run that the network comes from, and its configuration.

    Without a name it is the newest run of the system that has a checkpoint; of a sweep, its best trial.

    Raises:
        UserError: if there is no such run, its data have changed, or the note has no word that it knows.
    """
    from thesis_workloads.systems.condensed_memory.diagnose import diagnose

    folder = find_run(output_dir, run) if run else _newest(output_dir)
    record, state = _best(folder)
    extra = stored_extra(folder)
    data_dir = data_dir or (Path(extra["data_dir"]) if extra["data_dir"] else None)
    config = find_system(SYSTEM).config(**record.config)
    workload = find_workload(SYSTEM)
    data = load_data(workload, config, data_dir)
    try:
        network = restore_model(workload, config, data, state)
        found = diagnose(network, data, text, max_words=config.max_words, top=top)
    except ValueError as error:
        raise UserError(f"{folder.name}: {error}") from error
    return found, folder, config


def _newest(output_dir: Path) -> RunFolder:
    plans = sorted(output_dir.resolve().glob(f"{SYSTEM}-*/plan.json"), key=lambda path: path.stat().st_mtime)
    for path in reversed(plans):
        folder = RunFolder(path.parent)
        if has_states(folder):
            return folder
    raise UserError(f"no trained {SYSTEM} in {output_dir}; train one: thesis train {SYSTEM}")


def _best(folder: RunFolder) -> tuple[TrialRecord, dict[str, Any]]:
    plan = load_plan(folder)
    if plan.system != SYSTEM:
        raise UserError(f"{folder.name} is a run of {plan.system}; a note is read by a run of {SYSTEM}")
    system = find_system(SYSTEM)
    records = [record for record in read_records(read_events(folder.journal)) if record.history]
    if isinstance(plan, SweepPlan):
        records = [record for record in records if record.is_candidate] or records
    sign = 1 if system.mode == "max" else -1
    records.sort(key=lambda record: sign * record.history[-1].get(system.selection_metric, 0.0), reverse=True)
    for record in records:
        state = newest_state(folder, record.trial_id)
        if state is not None:
            return record, state
    raise UserError(f"{folder.name} has no checkpoint yet")
