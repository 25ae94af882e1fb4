"""MLflow runs found again by a key, so that a resumed run appends to the ids it had."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mlflow import MlflowClient

KEY_TAG = "thesis.key"
_MAX_PARAM_CHARACTERS = 6000


def find_or_create_run(
    client: "MlflowClient",
    *,
    experiment_id: str,
    key: str,
    name: str,
    tags: Mapping[str, str],
    start_ms: int | None = None,
) -> str:
    """Returns the id of the run with that key, set running again, or of a new one.

    ``start_ms`` is when the run began (milliseconds since 1970), if that was not just now.
    """
    found = client.search_runs([experiment_id], f"tags.`{KEY_TAG}` = '{key}'", max_results=1)
    if found:
        run_id: str = found[0].info.run_id
        if found[0].info.status != "RUNNING":
            client.update_run(run_id, status="RUNNING")
        return run_id
    created = client.create_run(
        experiment_id, start_time=start_ms, run_name=name, tags={KEY_TAG: key, **tags}
    )
    return str(created.info.run_id)


def log_params(client: "MlflowClient", run_id: str, config: Mapping[str, Any]) -> None:
    """Logs a whole configuration; the same one again changes nothing."""
    from mlflow.entities import Param

    params = [Param(name, str(value)[:_MAX_PARAM_CHARACTERS]) for name, value in config.items()]
    client.log_batch(run_id, params=params)


def log_dataset(
    client: "MlflowClient", run_id: str, *, name: str, digest: str, version: str, context: str
) -> None:
    """Logs a dataset as an input of a run; MLflow shows it in the run's page and its filters."""
    import json

    from mlflow.entities import Dataset, DatasetInput, InputTag

    source = json.dumps({"name": name, "version": version})
    dataset = Dataset(name=name, digest=digest, source_type="package", source=source)
    client.log_inputs(
        run_id, datasets=[DatasetInput(dataset=dataset, tags=[InputTag("mlflow.data.context", context)])]
    )
