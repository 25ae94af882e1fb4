"""One thread per process: on a few cores more only get in each other's way. And a browser, where there is one."""

import os
import shutil

import pytest

for _name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")
os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")

_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")


@pytest.fixture(scope="session")
def browser():
    """A headless Chromium that is installed here: none is downloaded."""
    playwright = pytest.importorskip(
        "playwright.sync_api", reason="needs the package playwright: install '.[dev]'"
    )
    wanted = os.environ.get("THESIS_BROWSER")
    found = [wanted] if wanted else [path for name in _BROWSERS if (path := shutil.which(name))]
    if not found:
        pytest.skip("needs a browser: apt-get install chromium, or name one in THESIS_BROWSER")
    # Chromium refuses its sandbox to root.
    arguments = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    with playwright.sync_playwright() as started:
        opened = started.chromium.launch(executable_path=found[0], args=arguments)
        yield opened
        opened.close()
