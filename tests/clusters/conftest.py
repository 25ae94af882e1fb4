from pathlib import Path

import pytest
import yaml

CLUSTERS = Path(__file__).resolve().parents[2] / "clusters"


@pytest.fixture
def clusters():
    return CLUSTERS


@pytest.fixture
def read():
    """Reads a file of YAML documents below ``clusters``."""
    return lambda name: list(yaml.safe_load_all((CLUSTERS / name).read_text(encoding="utf-8")))
