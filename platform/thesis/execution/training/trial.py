"""One training run as Ray executes it: inside a Tune trial, or on the workers of Ray Train.

A trial of one worker calls the workload in the trial's own process. A trial of several workers starts
Ray Train, whose workers hold the resources; the trial itself then holds none (its placement group asks
for one byte of memory), since a trial that held a CPU would wait forever on a machine with few.
"""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from thesis.execution.cluster.resources import resource_bundle
from thesis.execution.cluster.shared_data import SharedData, from_object_store
from thesis.execution.cluster.worker_setup import set_up_worker
from thesis.execution.storage.checkpoints import ray_storage
from thesis.execution.training.reporter import RayReporter
from thesis.execution.training.workloads import call_load, data_settings, find_workload
from thesis.experiments.plan import Resources, num_epochs_of
from thesis_workloads.contract.workload import Workload
from thesis_workloads.registry import find_system

FAILED = (
    "failed"  # key of a report with the reason why a run can't continue; the run then ends without a retry
)


@dataclass(frozen=True, kw_only=True)
class TrialContext:
    """The values that all trials of a sweep share, or those of the one run of a training."""

    system: str
    data_dir: str | None
    resources: Resources
    checkpoint_every_s: float
    storage: str  # where Ray Train keeps its runs
    finished: frozenset[str] = frozenset()  # keys of trials that the journal has as ended


def make_trainable(context: TrialContext, shared: SharedData | None) -> Callable[..., None]:
    """Returns the Tune trainable; its config is ``{"trial": {"key", "is_baseline", "config"}}``."""
    from ray import tune

    def trial(config: dict[str, Any], shared: SharedData | None = None) -> None:
        chosen = config["trial"]
        if chosen["key"] in context.finished:
            return
        if context.resources.workers > 1:
            _run_on_ray_train(context, chosen)
        else:
            _run(context, chosen["config"], tune, saves=True, shared=shared)

    return trial if shared is None else tune.with_parameters(trial, shared=shared)


def train_worker(arguments: dict[str, Any]) -> None:
    """Runs the workload on one worker of Ray Train."""
    import ray.train

    saves = ray.train.get_context().get_world_rank() == 0
    _run(arguments["context"], arguments["config"], ray.train, saves=saves)


def _run(
    context: TrialContext,
    values: dict[str, Any],
    session: Any,
    *,
    saves: bool,
    shared: SharedData | None = None,
) -> None:
    set_up_worker(max(1, int(context.resources.cpus_per_worker)))
    config = find_system(context.system).config(**values)
    workload = find_workload(context.system)
    try:
        # A searcher knows ranges, not what a network allows within them.
        workload.validate(config)
    except ValueError as error:
        session.report({FAILED: str(error)})
        return
    reporter = RayReporter(
        session, saves=saves, epochs=num_epochs_of(config), checkpoint_every_s=context.checkpoint_every_s
    )
    try:
        workload.train(config, _load(workload, config, context.data_dir, shared), reporter)
    except FloatingPointError as error:
        session.report({FAILED: f"diverged: {error}"})


_loaded: dict[tuple[Any, ...], Any] = {}


def shared_data_key(workload: Workload, config: Any, data_dir: str | None) -> tuple[Any, ...]:
    """Returns the data folder and the settings that a configuration's data depend on."""
    return (data_dir, *data_settings(workload, config).values())


def _load(workload: Workload, config: Any, data_dir: str | None, shared: SharedData | None) -> Any:
    # A process that is used for many trials reads their common data once.
    key = shared_data_key(workload, config, data_dir)
    if key not in _loaded:
        _loaded.clear()
        if shared is not None and shared.key == key:
            _loaded[key] = from_object_store(shared)
        else:
            _loaded[key] = call_load(workload, config, Path(data_dir) if data_dir else None)
    return _loaded[key]


def _run_on_ray_train(context: TrialContext, chosen: dict[str, Any]) -> None:
    from ray.tune.integration.ray_train import TuneReportCallback

    trainer = make_trainer(
        context, chosen["config"], name=chosen["key"], callbacks=[TuneReportCallback()], max_failures=3
    )
    trainer.fit()


def make_trainer(
    context: TrialContext, config: dict[str, Any], *, name: str, callbacks: list[Any], max_failures: int
) -> Any:
    """Returns the `TorchTrainer` of one run; a run of that name in the storage is resumed."""
    from ray import train
    from ray.train.torch import TorchConfig, TorchTrainer

    resources = context.resources
    uses_gpu = resources.gpus_per_worker > 0
    return TorchTrainer(
        train_worker,
        train_loop_config={"context": context, "config": config},
        torch_config=TorchConfig(backend="nccl" if uses_gpu else "gloo"),
        scaling_config=train.ScalingConfig(
            num_workers=resources.workers, use_gpu=uses_gpu, resources_per_worker=resource_bundle(resources)
        ),
        run_config=train.RunConfig(
            name=name,
            **ray_storage(context.storage),
            callbacks=callbacks,
            checkpoint_config=train.CheckpointConfig(num_to_keep=1),
            failure_config=train.FailureConfig(max_failures=max_failures, controller_failure_limit=3),
            logging_config=train.LoggingConfig(log_level="ERROR"),
        ),
    )


@functools.cache
def trial_resources(resources: Resources) -> Any:
    """Returns the resources that Tune reserves for one trial."""
    from ray import tune

    if resources.workers > 1:
        return tune.PlacementGroupFactory([{"memory": 1}])
    return tune.PlacementGroupFactory([resource_bundle(resources)])
