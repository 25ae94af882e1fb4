"""Provenance tags of a run: code, packages and machine."""

import platform
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import thesis

_PACKAGES = ("torch", "torchvision", "ray", "mlflow", "numpy")


def provenance_tags() -> dict[str, str]:
    """Returns the tags ``git.commit``, ``git.dirty`` (where there is a checkout) and ``version.*``."""
    versions = {f"version.{name}": _version(name) for name in _PACKAGES}
    return {
        "version.thesis": thesis.__version__,
        "version.python": platform.python_version(),
        **versions,
        **_git(),
    }


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "absent"


def _git() -> dict[str, str]:
    root = Path(thesis.__file__).resolve().parents[2]
    if not (root / ".git").exists():
        return {}
    try:
        commit = _run_git(root, "rev-parse", "HEAD")
        dirty = bool(_run_git(root, "status", "--porcelain", "--untracked-files=no"))
    except (OSError, subprocess.SubprocessError):
        return {}
    return {"git.commit": commit, "git.dirty": str(dirty).lower()}


def _run_git(root: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", *arguments], cwd=root, capture_output=True, text=True, timeout=10, check=True
    )
    return done.stdout.strip()
