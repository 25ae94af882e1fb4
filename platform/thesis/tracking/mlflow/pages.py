"""Addresses within MLflow's own pages, without the part before ``#``."""

import json
from collections.abc import Iterable
from urllib.parse import quote

from thesis.tracking.mlflow.mlflow_private import COMPARE_PAGE, SAVED_VIEW_PARAMETER, TRAINING_PAGES


def run_page(experiment_id: str, run_id: str) -> str:
    """Returns the address of one run."""
    return f"#/experiments/{experiment_id}/runs/{run_id}?{TRAINING_PAGES}"


def view_page(experiment_id: str, name: str) -> str:
    """Returns the address of a saved view of an experiment's runs."""
    return f"#/experiments/{experiment_id}/runs?{SAVED_VIEW_PARAMETER}={quote(name)}&{TRAINING_PAGES}"


def compare_page(experiment_id: str, run_ids: Iterable[str]) -> str:
    """Returns the address of the page that compares some runs."""
    runs, experiments = quote(json.dumps(list(run_ids))), quote(json.dumps([experiment_id]))
    return f"#/{COMPARE_PAGE}?runs={runs}&experiments={experiments}&{TRAINING_PAGES}"
