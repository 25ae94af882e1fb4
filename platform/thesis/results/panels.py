"""Pictures side by side that a measurement leaves for a figure: rows of panels with their titles."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

_FILE = "panels.npz"


@dataclass(frozen=True, kw_only=True)
class Panel:
    """One picture: colour ``(H, W, 3)`` uint8, or a map ``(H, W)`` of floating point numbers in [0, 1]."""

    title: str
    values: NDArray[np.uint8] | NDArray[np.float32]


def write_panels(folder: Path, rows: Sequence[Sequence[Panel]]) -> None:
    """Writes rows of panels into a folder."""
    arrays = {f"{row}/{at}": panel.values for row, line in enumerate(rows) for at, panel in enumerate(line)}
    titles = json.dumps([[panel.title for panel in line] for line in rows])
    np.savez_compressed(folder / _FILE, titles=np.array(titles), **arrays)  # type: ignore[arg-type]


def take_panels(folder: Path) -> list[list[Panel]]:
    """Returns the panels in a folder, none where there are none, and removes the file."""
    path = folder / _FILE
    if not path.is_file():
        return []
    with np.load(path, allow_pickle=False) as stored:
        titles = json.loads(str(stored["titles"]))
        rows = [
            [Panel(title=title, values=stored[f"{row}/{at}"]) for at, title in enumerate(line)]
            for row, line in enumerate(titles)
        ]
    path.unlink()
    return rows
