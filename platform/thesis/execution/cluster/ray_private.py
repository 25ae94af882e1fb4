"""The only home of names that Ray does not document: each with the reason, and a way to notice that it is gone.

A release of Ray may remove them without notice, so pyproject.toml has a ceiling, and
``tests/thesis/execution/cluster/test_ray_private.py`` checks every name against a release before it is allowed.
"""

from collections.abc import Callable, Collection, Mapping
from typing import Any

JOB_VARIABLE = "RAY_JOB_CONFIG_JSON_ENV_VAR"
"""Set by Ray in a submitted job, to the job's runtime environment as JSON."""

DATA_LOGGERS = ("ray.data", "ray.data._internal")
"""Loggers whose levels Ray Data sets when it is imported."""


def redirect_driver_messages(take: Callable[..., None]) -> None:
    """Passes what Ray would print of its workers and nodes to a function ``(data, ignore_prefix=False)`` instead.

    The thread that receives them looks the function up at each message.
    """
    from ray._private import worker

    worker.print_to_stdstream = take


def keep_to_loopback() -> None:
    """Lets a local Ray listen on 127.0.0.1 alone, even where Ray was imported before its variable was set."""
    from ray._private import ray_constants

    ray_constants.ENABLE_RAY_CLUSTER = False


def job_config_without_working_folder() -> Any:
    """Returns the settings of a job whose workers import nothing from the working folder.

    Ray puts it before everything else on their path, so that a ``numpy.py`` in it would be taken for NumPy. It
    leaves the folder out where a package of code is sent along; nothing else asks for this while it connects.
    """
    from ray.job_config import JobConfig

    config = JobConfig()
    config._runtime_env_has_working_dir = lambda: True
    return config


def stop_forwarding(variables: Collection[str]) -> None:
    """Keeps Tune from copying variables of the driver into each trial's runtime environment, which Ray shows."""
    from ray.tune.execution import class_cache

    class_cache.ENV_VARS_TO_PROPAGATE.difference_update(variables)


def error_of_trial(trial: Any) -> BaseException | None:
    """Returns the error that ended a trial of Tune, or None where its process died without one."""
    error: BaseException | None = trial.get_pickled_error()
    return error


class AdjustsNewConfig:
    """Put before `PopulationBasedTraining` as a base, it lets a subclass change what a trial takes over.

    The public ``custom_explore_fn`` knows neither of the two trials.
    """

    def _get_new_config(self, trial: Any, trial_to_clone: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        new, operations = super()._get_new_config(trial, trial_to_clone)  # type: ignore[misc]
        return self.adjust_new_config(trial, trial_to_clone, new, operations)

    def adjust_new_config(
        self, trial: Any, trial_to_clone: Any, new: dict[str, Any], operations: Mapping[str, Any]
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """Returns the new configuration of ``trial``, and Tune's description of the changes; here as Tune made them."""
        return new, dict(operations)
