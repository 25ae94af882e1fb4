"""Whether code runs from the folder that Ray unpacks for a job."""

from pathlib import Path

_UNPACKED = "working_dir_files"  # the folder below which Ray unpacks working directories


def is_unpacked(path: Path) -> bool:
    """Returns whether a path lies in the folder of a job, which Ray deletes some time after the job's end."""
    return _UNPACKED in path.resolve().parts
