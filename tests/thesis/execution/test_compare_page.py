"""A real sweep in MLflow's own pages: whoever opens the links of its description finds what it compares."""

import re
import socket
import subprocess
import time
import urllib.error
import urllib.request

import pytest
from mlflow import MlflowClient

from thesis.tracking.mlflow.server import server_command

pytestmark = [pytest.mark.ray, pytest.mark.slow, pytest.mark.browser]

_PATIENCE_S = 120.0
_PATIENCE_MS = 60_000


@pytest.fixture
def swept(run, sweep_plan):
    return run(sweep_plan("s1=2,3", "p=10,30"))


@pytest.fixture
def server(swept, options):
    """The address of MLflow's server on the sweep's store."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command, environment = server_command(
        swept.uri, output_dir=options.output_dir, host="127.0.0.1", port=port
    )
    with (options.output_dir / "server.log").open("wb") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
        try:
            _wait(f"http://127.0.0.1:{port}/health")
            yield f"http://127.0.0.1:{port}/"
        finally:
            process.terminate()
            process.wait(30)


def _wait(url):
    deadline = time.monotonic() + _PATIENCE_S
    while True:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except (urllib.error.URLError, OSError):
            assert time.monotonic() < deadline, "the server does not answer"
            time.sleep(0.5)


@pytest.fixture
def page(browser):
    context = browser.new_context(viewport={"width": 1400, "height": 2400})
    # MLflow's assistant opens by itself on the first visit and takes a third of the width.
    context.add_init_script(
        "localStorage.setItem('mlflow.assistant.fab.autoOpenedOnFirstLoad_v1', 'true');"
        "localStorage.setItem('mlflow.assistant.panelOpen_v1', 'false')"
    )
    page = context.new_page()
    page.set_default_timeout(_PATIENCE_MS)
    yield page
    context.close()


def test_a_sweeps_two_links_answer_which_setting_is_best(swept, server, page):
    note = MlflowClient(swept.uri).get_run(swept.run_id).data.tags["mlflow.note.content"]
    means, compare = re.findall(r"\]\((#[^)]*)\)", note)

    page.goto(server + compare)
    page.get_by_text("Comparing 10 Runs").wait_for()
    page.locator(".js-plotly-plot").first.wait_for()
    text = page.inner_text("body")
    assert {"s1", "s2", "p", "n", "seed"} <= set(text.split())
    assert {"val/accuracy", "test/accuracy"} <= set(text.split())

    page.goto(server + means)
    page.get_by_text("10 matching runs").wait_for()
    page.get_by_text("baseline seed=0").first.wait_for()
    text = page.inner_text("body")
    assert {"val/accuracy", "test/accuracy", "scheme", "s1", "p"} <= set(text.split())
    groups = page.get_by_text(re.compile("^Group: "))
    assert groups.count() == 5  # four settings and the baseline
    assert "(average)" in text
