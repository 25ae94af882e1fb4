"""The chosen model in MLflow: logged with an example of its input, and registered."""

import contextlib
import io
import logging
import warnings
from importlib.metadata import version
from typing import Any

from thesis.errors import first_line
from thesis.tracking.mlflow.session import Session
from thesis_workloads.contract.errors import UserError


def log_model(
    session: Session, module: Any, *, example: Any, registered_name: str, run_id: str | None = None
) -> str:
    """Logs a PyTorch module under a run (the session's own by default) and registers it.

    Returns:
        The URI of the registered version, ``models:/<name>/<version>``.

    Raises:
        UserError: if the store or the model registry does not take it.
    """
    import mlflow
    import mlflow.pytorch
    from mlflow.exceptions import MlflowException

    mlflow.set_tracking_uri(session.uri)
    logging.getLogger("mlflow").setLevel(logging.ERROR)
    try:
        # MLflow announces the registered version on standard error; the caller says it in its own words.
        with warnings.catch_warnings(), contextlib.redirect_stderr(io.StringIO()):
            warnings.simplefilter("ignore")
            with mlflow.start_run(run_id=run_id or session.run_id):
                info = mlflow.pytorch.log_model(
                    module,
                    name="model",
                    input_example=example,
                    registered_model_name=registered_name,
                    pip_requirements=_requirements(module),
                )
    except (MlflowException, OSError) as error:
        reason = first_line(error)
        raise UserError(f"the model {registered_name} could not be registered ({reason})") from error
    return f"models:/{registered_name}/{info.registered_model_version}"


def _requirements(module: Any) -> list[str]:
    """Returns what loading the model takes; left to itself, MLflow loads it in another process to find out."""
    names = ["torch", "numpy", "cloudpickle"]
    if any(type(each).__module__.startswith("torchvision") for each in module.modules()):
        names.append("torchvision")
    return [f"{name}=={version(name).partition('+')[0]}" for name in names]
