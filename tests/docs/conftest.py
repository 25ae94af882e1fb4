import pytest
from markdown_pages import ROOT, code_blocks


@pytest.fixture(scope="session")
def guide_blocks():
    """The Python blocks of "Add a system in an afternoon": study, resumable `train`, declaration, registry line."""
    return code_blocks(ROOT / "workloads/README.md", "python")
