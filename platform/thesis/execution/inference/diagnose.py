"""The diagnosis of one clinical note by a trained memory network."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from thesis.execution.storage.run_folder import RunFolder
from thesis.execution.storage.trained_models import find_best_model
from thesis.execution.training.workloads import find_workload, load_data, restore_model
from thesis_workloads.contract.errors import UserError
from thesis_workloads.registry import find_system

if TYPE_CHECKING:
    from thesis_workloads.systems.condensed_memory.diagnose import Diagnosis

SYSTEM = "condensed-memory"


def diagnose_note(
    output_dir: Path, text: str, *, run: str | None, data_dir: Path | None, top: int
) -> tuple["Diagnosis", RunFolder, Any]:
    """Returns the diagnosis, the run that the network comes from, and its configuration.

    The network is that of the best trial: see `find_best_model`.

    Raises:
        UserError: if there is no such run, its data have changed, or the note has no word that it knows.
    """
    from thesis_workloads.systems.condensed_memory.diagnose import diagnose

    model = find_best_model(find_system(SYSTEM), output_dir, run)
    workload = find_workload(SYSTEM)
    data = load_data(workload, model.config, data_dir or model.data_dir)
    try:
        network = restore_model(workload, model.config, data, model.state)
        diagnosis = diagnose(network, data, text, max_words=model.config.max_words, top=top)
    except ValueError as error:
        raise UserError(f"{model.folder.name}: {error}") from error
    return diagnosis, model.folder, model.config
