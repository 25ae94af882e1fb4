"""The folder of one run: its plan, its journal, Ray's own files, its results."""

import json
import os
import re
from dataclasses import dataclass
from pathlib import Path

from thesis.execution.storage.job_folder import is_unpacked
from thesis.execution.storage.run_names import is_run_name, naming_lock, new_numbered_folder, numbered_folders
from thesis.experiments.plan import Plan, system_name
from thesis.experiments.stored_plan import plan_digest, plan_from_dict, plan_to_dict
from thesis.files import write_atomic
from thesis_workloads.contract.errors import UserError
from thesis_workloads.contract.overrides import nearest


@dataclass(frozen=True)
class RunFolder:
    """Paths below ``<output folder>/<run name>``."""

    path: Path

    @property
    def name(self) -> str:
        """The run's name."""
        return self.path.name

    @property
    def plan(self) -> Path:
        """The plan, as JSON."""
        return self.path / "plan.json"

    @property
    def journal(self) -> Path:
        """The events, a JSON line each."""
        return self.path / "journal.jsonl"

    @property
    def ray(self) -> Path:
        """What Ray Tune and Ray Train keep: their state and the checkpoints."""
        return self.path / "ray"

    @property
    def results(self) -> Path:
        """Tables, figures and the chosen model."""
        return self.path / "results"

    @property
    def is_complete(self) -> bool:
        """Whether the run has ended as planned."""
        return (self.path / "complete").exists()

    def mark_complete(self) -> None:
        """Notes that nothing is left to run."""
        (self.path / "complete").touch()


def create_run(output_dir: Path, plan: Plan, *, fresh: bool, extra: dict[str, str]) -> tuple[RunFolder, bool]:
    """Returns the folder for a plan and whether it resumes an unfinished run of the same plan.

    The name carries the plan's digest, so that another configuration never meets an old run. A plan
    whose last run is complete, or ``fresh``, starts a new one under the next number.

    Raises:
        UserError: if the output folder cannot be written.
    """
    check_writable(output_dir)
    output_dir = output_dir.resolve()
    stem = f"{system_name(plan)}-{plan.kind}-{plan_digest(plan)}"
    with naming_lock(output_dir):
        existing = numbered_folders(output_dir, stem)
        if existing and not fresh:
            last = RunFolder(existing[max(existing)])
            if last.plan.exists() and not last.is_complete:
                _check_same_checkpoints(last, extra)
                return last, True
        folder = RunFolder(new_numbered_folder(output_dir, stem))
        stored = {"plan": plan_to_dict(plan), "digest": plan_digest(plan), "home": str(folder.path), **extra}
        try:
            write_atomic(folder.plan, json.dumps(stored, indent=2) + "\n")
        except OSError:
            folder.path.rmdir()
            raise
    return folder, False


def _check_same_checkpoints(folder: RunFolder, extra: dict[str, str]) -> None:
    stored, wanted = (values.get("checkpoint_dir", "") for values in (stored_extra(folder), extra))
    if stored != wanted:
        raise UserError(
            f"--checkpoint-dir must be {stored or 'left out'}, where the unfinished {folder.name} keeps its"
            f" checkpoints, got {wanted or 'none'}; or start again with --fresh"
        )


def load_plan(folder: RunFolder) -> Plan:
    """Returns the plan of a run.

    Raises:
        UserError: if the plan was changed after the run started, or is not readable.
    """
    return _read(folder)[0]


def stored_extra(folder: RunFolder) -> dict[str, str]:
    """Returns what was stored next to the plan: ``data_dir``, ``data_digest`` and ``checkpoint_dir``."""
    return _read(folder)[1]


def _read(folder: RunFolder) -> tuple[Plan, dict[str, str]]:
    try:
        stored = json.loads(folder.plan.read_text(encoding="utf-8"))
        plan = plan_from_dict(stored["plan"])
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise UserError(f"{folder.plan} is not a readable plan ({error})") from error
    if plan_digest(plan) != stored.get("digest"):
        raise UserError(
            f"{folder.plan} was changed after its run started; a changed configuration never resumes an"
            " old run: start a new one"
        )
    return plan, {key: str(value) for key, value in stored.items() if key not in ("plan", "digest")}


def check_home(folder: RunFolder) -> None:
    """Checks that a copy of a run does not write into the original's checkpoints, where they lie elsewhere.

    Raises:
        UserError: if the original is still there.
    """
    extra = stored_extra(folder)
    home, elsewhere = extra.get("home", ""), extra.get("checkpoint_dir", "")
    original = Path(home) if home else folder.path
    if elsewhere and original != folder.path and (original / "plan.json").exists():
        raise UserError(
            f"{folder.path} is a copy of {original}, and both keep their checkpoints in {elsewhere}; resume the"
            " original, or move it away"
        )


def find_run(output_dir: Path, name: str | None) -> RunFolder:
    """Returns the run of that name, or the newest unfinished one.

    Raises:
        UserError: if there is none; names the nearest or those that are unfinished.
    """
    output_dir = output_dir.resolve()
    runs = sorted(output_dir.glob("*/plan.json"), key=lambda path: path.stat().st_mtime, reverse=True)
    folders = [RunFolder(path.parent) for path in runs]
    if name is None:
        unfinished = [folder for folder in folders if not folder.is_complete and is_run_name(folder.name)]
        if not unfinished:
            raise UserError(f"no unfinished run in {output_dir}; name one of the {len(folders)} runs there")
        return unfinished[0]
    by_name = {folder.name: folder for folder in folders}
    wanted = Path(name).name
    if wanted not in by_name:
        raise UserError(f"there is no run {wanted!r} in {output_dir}{nearest(wanted, list(by_name))}")
    return by_name[wanted]


def runs_of(output_dir: Path, system: str) -> list[RunFolder]:
    """Returns the runs of a system, the newest first; strangers and what can't be read are left out."""
    found = sorted(
        output_dir.resolve().glob("*/plan.json"), key=lambda path: path.stat().st_mtime, reverse=True
    )
    return [
        RunFolder(path.parent)
        for path in found
        if path.parent.name.startswith(f"{system}-")
        and is_run_name(path.parent.name)
        and _system(path) == system
    ]


def _system(plan: Path) -> str:
    try:
        return str(json.loads(plan.read_text(encoding="utf-8"))["plan"]["system"])
    except (OSError, ValueError, LookupError, TypeError):
        return ""


def check_writable(path: Path, *, what: str = "the output folder", option: str = "--output-dir") -> None:
    """Creates the folder; ``what`` and ``option`` name it in an error.

    Raises:
        UserError: if it cannot be created or written to, or would not outlive the job that runs here.
    """
    if re.match("[a-z0-9]{2,}:/", str(path)):
        raise UserError(
            f"{what} must be a folder, got {path}: a run's journal grows line by line, which an object"
            " store does not offer; --checkpoint-dir may be there"
        )
    if is_unpacked(path):
        raise UserError(
            f"{what} {path} lies in the job's own folder, which the cluster deletes; use {option}"
            " with an absolute path on storage that its machines share, or set THESIS_OUTPUT_DIR"
        )
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"{what} {path} cannot be created ({error.strerror}); use {option}") from error
    if not os.access(path, os.W_OK | os.X_OK):
        raise UserError(f"{what} {path} cannot be written to; use {option}")
