"""Default folders of the platform."""

from pathlib import Path

DEFAULT_OUTPUT_DIR = Path("runs")
