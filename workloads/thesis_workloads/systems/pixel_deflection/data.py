"""The attacked images that a sweep of the defense tries its settings on."""

from pathlib import Path
from typing import Any

DATA_FIELDS = (
    "data",
    "labels",
    "num_val",
    "attacks",
    "attack_scale",
    "batch_size",
    "epochs",
    "classifier",
    "weights",
)
"""Settings that the attacked images depend on."""


def prepared_data(config: Any, data_dir: Path | None, *, prepared: Any) -> Any:
    """Returns the attacked images that were made before the sweep; a trial attacks nothing itself."""
    return prepared
