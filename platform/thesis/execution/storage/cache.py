"""Folders of what is computed once and kept between runs."""

import os
from pathlib import Path


def cache_root(data_dir: Path | None) -> Path:
    """Returns the folder for what is made of data once: in the data folder, else in the user's cache."""
    if data_dir is not None:
        return data_dir.resolve() / "adversarial-sets"
    home = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(os.environ.get("THESIS_CACHE_DIR") or Path(home) / "thesis").resolve() / "adversarial-sets"
