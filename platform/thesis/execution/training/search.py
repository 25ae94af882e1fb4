"""Ray Tune's searchers and schedulers for a sweep: points averaged over seeds, baselines exempt."""

import pickle
import statistics
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import optuna
from ray import tune
from ray.tune.schedulers import ASHAScheduler, PopulationBasedTraining
from ray.tune.search import Searcher
from ray.tune.search.optuna import OptunaSearch

from thesis.execution.cluster.ray_private import AdjustsNewConfig
from thesis.execution.training.workloads import find_workload
from thesis.experiments.plan import (
    PlannedTrial,
    SweepPlan,
    TrialsPlan,
    control_trials,
    num_epochs_of,
    planned_trials,
    trials_of,
)
from thesis_workloads.contract.search_space import Choice, Dimension, Range
from thesis_workloads.registry import find_system


def tune_config_of(trial: PlannedTrial) -> dict[str, Any]:
    """Returns the values of a planned trial that Tune carries and stores."""
    import dataclasses

    return {
        "key": trial.key,
        "is_baseline": trial.is_baseline,
        "name": trial.name,
        "control": trial.control,
        "config": dataclasses.asdict(trial.config),
    }


def param_space(plan: TrialsPlan, *, finished: frozenset[str]) -> dict[str, Any]:
    """Returns Tune's parameter space: the planned trials themselves, none where Optuna proposes them.

    Trials that the journal has as finished before Tune's first start, taken over from other runs, are left out.
    """
    if plan.search == "optuna":
        return {}
    return {
        "trial": tune.grid_search(
            [tune_config_of(trial) for trial in planned_trials(plan) if trial.key not in finished]
        )
    }


def make_searcher(plan: TrialsPlan) -> Searcher | None:
    """Returns the searcher of a plan; None where all trials are known from the start."""
    return SeedAveragedOptuna(plan) if isinstance(plan, SweepPlan) and plan.search == "optuna" else None


class SeedAveragedOptuna(Searcher):
    """Optuna proposes a point, every seed runs it, and Optuna learns the mean.

    The baseline that matches a point is run once.
    """

    def __init__(self, plan: SweepPlan) -> None:
        system = find_system(plan.system)
        super().__init__(metric=system.selection_metric, mode=system.mode)
        self._plan = plan
        self._inner = OptunaSearch(
            space={key: _distribution(dimension) for key, dimension in plan.space.items()},
            metric=system.selection_metric,
            mode=system.mode,
            seed=plan.seeds[0],
        )
        self._num_points = 0
        controls = control_trials(plan)
        self._queue: list[tuple[str | None, dict[str, Any]]] = [(None, tune_config_of(t)) for t in controls]
        self._issued: set[str] = set()
        self._point_of: dict[str, str] = {}
        self._waiting: dict[str, int] = {}
        self._values: dict[str, list[float]] = {}

    def set_search_properties(
        self, metric: str | None, mode: str | None, config: dict[str, Any], **spec: Any
    ) -> bool:
        """Accepts the metric and mode of Tune, which are those of the plan."""
        return True

    def suggest(self, trial_id: str) -> Any:
        """Returns the next trial's config, or FINISHED."""
        while not self._queue:
            if self._num_points == self._plan.num_samples:
                return Searcher.FINISHED
            self._propose()
        point, trial = self._queue.pop(0)
        if point is not None:
            self._point_of[trial_id] = point
        return {"trial": trial}

    def on_trial_complete(
        self, trial_id: str, result: dict[str, Any] | None = None, error: bool = False
    ) -> None:
        """Tells Optuna the mean over seeds once a point's last seed has ended."""
        point = self._point_of.pop(trial_id, None)
        if point is None:
            return
        if result and self.metric in result:
            self._values[point].append(float(result[self.metric]))
        self._waiting[point] -= 1
        if self._waiting[point] == 0:
            self._report_mean(point)

    def save(self, checkpoint_path: str) -> None:
        """Writes the whole search, Optuna's study included."""
        Path(checkpoint_path).write_bytes(pickle.dumps(self.__dict__))

    def restore(self, checkpoint_path: str) -> None:
        """Reads back what `save` wrote in this run's own folder."""
        self.__dict__.update(pickle.loads(Path(checkpoint_path).read_bytes()))

    def _propose(self) -> None:
        point = f"point-{self._num_points}"
        self._num_points += 1
        values = self._inner.suggest(point)
        new = [trial for trial in trials_of(self._plan, [values]) if trial.key not in self._issued]
        self._issued |= {trial.key for trial in new}
        own = [trial for trial in new if not trial.is_baseline]
        self._waiting[point], self._values[point] = len(own), []
        self._queue += [(None if trial.is_baseline else point, tune_config_of(trial)) for trial in new]
        if not own:
            # Optuna proposed a point again: it has learned its value already.
            self._report_mean(point)

    def _report_mean(self, point: str) -> None:
        values = self._values.pop(point)
        del self._waiting[point]
        if values:
            self._inner.on_trial_complete(point, {self.metric: statistics.fmean(values)})
        else:
            self._inner.on_trial_complete(point, error=True)


def _distribution(dimension: Dimension) -> optuna.distributions.BaseDistribution:
    if isinstance(dimension, Choice):
        return optuna.distributions.CategoricalDistribution(dimension.values)
    if dimension.integer:
        return optuna.distributions.IntDistribution(
            int(dimension.low), int(dimension.high), log=dimension.log
        )
    return optuna.distributions.FloatDistribution(dimension.low, dimension.high, log=dimension.log)


def make_scheduler(plan: TrialsPlan) -> tune.schedulers.TrialScheduler | None:
    """Returns the scheduler of a plan; None runs every trial to its end."""
    epochs = num_epochs_of(plan.config)
    if plan.scheduler == "asha":
        return BaselineExemptASHA(
            time_attr="epoch", max_t=epochs, grace_period=max(1, epochs // 4), reduction_factor=3
        )
    if plan.scheduler == "pbt":
        changeable = find_system(plan.system).changeable
        return BaselineExemptPBT(
            time_attr="epoch",
            perturbation_interval=max(1, epochs // 5),
            hyperparam_mutations={
                "trial": {"config": {key: _domain(dim) for key, dim in changeable.items()}}
            },
            require_attrs=False,
            system=plan.system,
        )
    return None


def _domain(dimension: Dimension) -> Any:
    if isinstance(dimension, Choice):
        return tune.choice(list(dimension.values))
    return (
        tune.loguniform(dimension.low, dimension.high)
        if dimension.log
        else tune.uniform(dimension.low, dimension.high)
    )


def _is_exempt(trial: Any) -> bool:
    """Returns whether a trial is a baseline or a control: never stopped, and never compared with candidates."""
    chosen = trial.config["trial"]
    return bool(chosen["is_baseline"] or chosen.get("control"))


class BaselineExemptASHA(ASHAScheduler):
    """ASHA that neither stops a baseline or control nor compares candidates with it."""

    def on_trial_result(self, tune_controller: Any, trial: Any, result: dict[str, Any]) -> Any:
        """Continues a baseline or control."""
        if _is_exempt(trial):
            return tune.schedulers.TrialScheduler.CONTINUE
        return super().on_trial_result(tune_controller, trial, result)

    def on_trial_complete(self, tune_controller: Any, trial: Any, result: dict[str, Any]) -> None:
        """Leaves a baseline or control out of the rungs."""
        if not _is_exempt(trial):
            super().on_trial_complete(tune_controller, trial, result)


class BaselineExemptPBT(AdjustsNewConfig, PopulationBasedTraining):
    """Population-based training of the candidates alone.

    Every change stays in its declared range: Tune multiplies a value by 0.8 or 1.2 wherever that leads. A change
    that the system refuses, such as more filters than its network can lose, is not made: the trial then continues
    with the other's settings unchanged.
    """

    def __init__(self, *, system: str, **settings: Any) -> None:
        super().__init__(**settings)
        self._system = system

    def on_trial_result(self, tune_controller: Any, trial: Any, result: dict[str, Any]) -> Any:
        """Continues a baseline or control unchanged."""
        if _is_exempt(trial):
            return tune.schedulers.TrialScheduler.CONTINUE
        return super().on_trial_result(tune_controller, trial, result)

    def adjust_new_config(
        self, trial: Any, trial_to_clone: Any, new: dict[str, Any], operations: Mapping[str, Any]
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """Keeps the new settings in their declared ranges and valid, and the trial's own name."""
        chosen = new["trial"]
        system = find_system(self._system)
        for key, bound in system.changeable.items():
            if isinstance(bound, Range):
                value = min(max(chosen["config"][key], bound.low), bound.high)
                chosen["config"][key] = int(value) if bound.integer else value
        try:
            find_workload(self._system).validate(system.config(**chosen["config"]))
        except ValueError:
            chosen["config"] = dict(trial_to_clone.config["trial"]["config"])
            operations = {}
        # A trial takes over another's state and settings, never its name: under that name its epochs would be
        # written to the other's record, and its own would never end.
        chosen["key"] = trial.config["trial"]["key"]
        return new, dict(operations)
