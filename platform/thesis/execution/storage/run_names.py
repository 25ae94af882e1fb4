"""Names and numbers of the folders of runs, ``<name>-<number>``, whatever other folders there are."""

import re
from pathlib import Path

from filelock import FileLock

from thesis_workloads.contract.errors import UserError

_RUN = re.compile(r".+-[0-9a-f]{6,}-[1-9][0-9]{0,8}")


def is_run_name(name: str) -> bool:
    """Returns whether a name is of a run: a copy ``...-1-backup`` is a stranger, used only where it is named."""
    return _RUN.fullmatch(name) is not None


def numbered_folders(output_dir: Path, stem: str) -> dict[int, Path]:
    """Returns the folders ``<stem>-<number>`` by their numbers, in order; strangers are ignored."""
    pattern = re.compile(rf"{re.escape(stem)}-([1-9][0-9]{{0,8}})")
    found = {}
    for path in output_dir.iterdir() if output_dir.is_dir() else ():
        match = pattern.fullmatch(path.name)
        if match is not None and path.is_dir():
            found[int(match[1])] = path
    return dict(sorted(found.items()))


def new_numbered_folder(output_dir: Path, stem: str) -> Path:
    """Makes and returns the folder with the next number.

    Raises:
        UserError: if it can't be made.
    """
    while True:
        folder = output_dir / f"{stem}-{max(numbered_folders(output_dir, stem), default=0) + 1}"
        try:
            folder.mkdir(parents=True)
        except FileExistsError:
            if not folder.is_dir():
                raise UserError(
                    f"{folder} must be a folder or not be there, got a file; move it away"
                ) from None
            continue  # another process was quicker
        except OSError as error:
            raise UserError(f"{folder} can't be made ({error.strerror}); use --output-dir") from error
        return folder


def naming_lock(output_dir: Path) -> FileLock:
    """Returns the lock under which a command decides whether a run is its own to resume or a new one."""
    return FileLock(output_dir / ".runs.lock")
