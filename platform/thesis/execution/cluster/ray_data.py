"""How every pipeline on Ray Data is set up, and whether this process is one of its workers."""

import logging
from typing import Any

from thesis.execution.cluster.ray_private import DATA_LOGGERS


def quiet_data_context(*, hides_errors: bool = False) -> Any:
    """Returns Ray Data's context without progress bars and messages of its own; needs a connected Ray.

    Args:
        hides_errors: Also leaves out the traceback of an error that the caller turns into one line.
    """
    import ray.data  # sets levels of its own as it is imported

    context = ray.data.DataContext.get_current()
    context.enable_progress_bars = False
    context.print_on_execution_start = False
    names = (*DATA_LOGGERS, "ray.data.exceptions") if hides_errors else DATA_LOGGERS
    for name in names:
        logging.getLogger(name).setLevel(logging.CRITICAL if hides_errors else logging.ERROR)
    return context


def is_in_worker() -> bool:
    """Returns whether this process is an actor of Ray: a worker never starts a Ray of its own."""
    import ray

    return bool(ray.is_initialized() and ray.get_runtime_context().get_actor_id() is not None)
