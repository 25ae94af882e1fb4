import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parent))  # for `markdown`

from markdown import ROOT, code_blocks  # noqa: E402


@pytest.fixture(scope="session")
def guide_blocks():
    """The Python blocks of "Add a system in an afternoon": study, resumable `train`, declaration, registry line."""
    return code_blocks(ROOT / "workloads/README.md", "python")
