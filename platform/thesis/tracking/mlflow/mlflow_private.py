"""The only home of names that MLflow does not document: a class, tags of its pages, and columns of its tables.

A release of MLflow may change them without notice, so pyproject.toml has a ceiling, and
``tests/thesis/tracking/mlflow/test_mlflow_private.py`` checks every name against a release before it is allowed.
"""

from typing import Any

SAVED_VIEW_TAG = "mlflow.sharedViewState."
"""Prefix of the experiment's tag that its pages keep a saved view of the runs in; the view's name follows."""

SAVED_VIEW_PARAMETER = "viewStateShareKey"
"""Parameter of an address that names a saved view."""

TRAINING_PAGES = "workflowType=machine_learning"
"""Part of an address: of two sets of pages those for training; the others are about language models."""

COMPARE_PAGE = "compare-runs"
"""The page that compares runs."""

EXPERIMENT_KIND = {"mlflow.experimentKind": "custom_model_development"}
"""Tag of an experiment whose page opens on training runs rather than on pages for language models."""

ARTIFACT_COLUMNS = (
    ("experiments", "artifact_location"),
    ("runs", "artifact_uri"),
    ("logged_models", "artifact_location"),
    ("model_versions", "source"),
    ("model_versions", "storage_location"),
)
"""Table and column of each absolute address of artifacts in a database of MLflow."""


def start_system_metrics(run_id: str, *, interval_s: float) -> Any:
    """Logs the machine's use of CPU, memory and network to a run until ``finish`` is called on the result."""
    from mlflow.system_metrics.system_metrics_monitor import SystemMetricsMonitor

    monitor = SystemMetricsMonitor(
        run_id, sampling_interval=interval_s, samples_before_logging=1, resume_logging=True
    )
    monitor.start()
    return monitor
