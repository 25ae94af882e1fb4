"""Addresses within MLflow's own pages, without the part before ``#``."""

import json
from collections.abc import Iterable
from urllib.parse import quote

# Of two sets of pages, those for training: the others are about language models.
_KIND = "workflowType=machine_learning"


def run_page(experiment_id: str, run_id: str) -> str:
    """Returns the address of one run."""
    return f"#/experiments/{experiment_id}/runs/{run_id}?{_KIND}"


def view_page(experiment_id: str, name: str) -> str:
    """Returns the address of a saved view of an experiment's runs."""
    return f"#/experiments/{experiment_id}/runs?viewStateShareKey={quote(name)}&{_KIND}"


def compare_page(experiment_id: str, run_ids: Iterable[str]) -> str:
    """Returns the address of the page that compares some runs."""
    runs, experiments = quote(json.dumps(list(run_ids))), quote(json.dumps([experiment_id]))
    return f"#/compare-runs?runs={runs}&experiments={experiments}&{_KIND}"
