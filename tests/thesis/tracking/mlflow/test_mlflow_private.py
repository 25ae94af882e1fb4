"""Every undocumented name of MLflow that the platform uses is still there and still does what it is used for.

pyproject.toml allows a range of releases. Before it is widened, and when a release appears, run this file against
both ends of the range. MLflow's own three packages are enough for that, in a folder before all others:

    pip install --no-deps --target other mlflow==RELEASE mlflow-skinny==RELEASE mlflow-tracing==RELEASE
    PYTHONPATH=other python -m pytest tests/thesis/tracking/mlflow/test_mlflow_private.py
"""

import importlib
import time
from pathlib import Path

import mlflow
import pytest
from mlflow.tracking import MlflowClient

from thesis.tracking.mlflow import mlflow_private
from thesis.tracking.mlflow.sqlite_file import make_sqlite_file

LIMIT_S = 120
REMEDY = (
    "see platform/thesis/tracking/mlflow/mlflow_private.py; until it is adapted, lower MLflow's ceiling in"
    " pyproject.toml"
)


def missing(name):
    return f"MLflow {mlflow.__version__} has no {name}; {REMEDY}"


@pytest.mark.parametrize(("table", "column"), mlflow_private.ARTIFACT_COLUMNS)
def test_the_column_is_there(table, column):
    models = importlib.import_module("mlflow.store.tracking.dbmodels.models")
    importlib.import_module("mlflow.store.model_registry.dbmodels.models")
    tables = models.Base.metadata.tables
    assert table in tables, missing(f"table {table}")
    assert column in tables[table].columns, missing(f"column {table}.{column}")


def test_no_other_column_holds_an_address_of_artifacts():
    """One that is added would keep the old place after a store's folder was moved."""
    models = importlib.import_module("mlflow.store.tracking.dbmodels.models")
    importlib.import_module("mlflow.store.model_registry.dbmodels.models")
    found = {
        (table.name, column.name)
        for table in models.Base.metadata.tables.values()
        for column in table.columns
        if "artifact" in column.name and ("uri" in column.name or "location" in column.name)
    }
    unknown = found - set(mlflow_private.ARTIFACT_COLUMNS)
    assert unknown == set(), (
        f"MLflow {mlflow.__version__} also keeps addresses in {sorted(unknown)}; {REMEDY}"
    )


@pytest.fixture(scope="module")
def pages():
    """MLflow's pages as they are served, in one string."""
    folder = Path(mlflow.__file__).parent / "server/js/build/static/js"
    return "".join(path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.js")))


@pytest.mark.parametrize(
    "text",
    [
        mlflow_private.SAVED_VIEW_TAG,
        mlflow_private.SAVED_VIEW_PARAMETER,
        mlflow_private.COMPARE_PAGE,
        *mlflow_private.TRAINING_PAGES.split("="),
        *mlflow_private.EXPERIMENT_KIND,
        *mlflow_private.EXPERIMENT_KIND.values(),
    ],
)
def test_the_pages_still_know_the_text(pages, text):
    assert text in pages, missing(f"{text!r} in its pages")


def test_the_machine_is_measured_while_a_run_lasts(tmp_path, monkeypatch):
    uri = f"sqlite:///{tmp_path / 'mlflow.db'}"
    make_sqlite_file(uri)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", uri)
    mlflow.set_tracking_uri(uri)
    client = MlflowClient(uri)
    run_id = client.create_run(client.create_experiment("x", artifact_location=tmp_path.as_uri())).info.run_id
    try:
        monitor = mlflow_private.start_system_metrics(run_id, interval_s=0.05)
    except (ImportError, TypeError) as error:
        pytest.fail(f"{error}: {missing('SystemMetricsMonitor as it is called')}")
    deadline = time.monotonic() + LIMIT_S
    try:
        while not (metrics := client.get_run(run_id).data.metrics) and time.monotonic() < deadline:
            time.sleep(0.1)
    finally:
        monitor.finish()
    assert any(name.startswith("system/cpu") for name in metrics), missing("system metrics of a run")
