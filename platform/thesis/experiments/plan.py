"""A run or a sweep, completely resolved before anything starts: what is stored, digested and resumed."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from thesis.experiments.planned_trial import PlannedTrial as PlannedTrial
from thesis.experiments.planned_trial import Resources as Resources
from thesis_workloads.contract import search_space as spaces
from thesis_workloads.contract.controls import control_configs
from thesis_workloads.contract.errors import UserError
from thesis_workloads.contract.experiment import Experiment
from thesis_workloads.contract.overrides import TOO_LARGE_SEED, nearest
from thesis_workloads.contract.search_space import Dimension
from thesis_workloads.registry import find_system
from thesis_workloads.studies import study_digest

SEARCHES = ("grid", "half", "random", "optuna")
SCHEDULERS = ("none", "asha", "pbt")


@dataclass(frozen=True, kw_only=True)
class TrainPlan:
    """One training run."""

    system: str
    scale: str
    config: Any
    resources: Resources
    code: str = (
        ""  # digest of a study's file: other code never resumes an old run; empty for a built-in system
    )

    kind = "train"


@dataclass(frozen=True, kw_only=True)
class SweepPlan:
    """A hyperparameter sweep with its baseline."""

    system: str
    scale: str
    config: Any
    space: Mapping[str, Dimension]
    search: str
    scheduler: str
    num_samples: int
    seeds: tuple[int, ...]
    resources: Resources
    code: str = ""  # as in `TrainPlan`
    controls: tuple[str, ...] = ()  # names of the system's controls that are run too

    kind = "sweep"


@dataclass(frozen=True, kw_only=True)
class TablePlan:
    """The declared trials of one table or figure: a fixed list, of which nothing is searched."""

    system: str
    scale: str
    table: str
    trials: tuple[PlannedTrial, ...]
    resources: Resources
    code: str  # digest of the code that computes the numbers: other code never resumes old trials

    search = "none"
    scheduler = "none"

    @property
    def kind(self) -> str:
        """Part of the run's name."""
        return self.table

    @property
    def config(self) -> Any:
        """The first trial's configuration."""
        return self.trials[0].config

    @property
    def space(self) -> Mapping[str, Dimension]:
        """Nothing is searched."""
        return {}


TrialsPlan = SweepPlan | TablePlan
Plan = TrainPlan | TrialsPlan


def make_config(system: Experiment, *, scale: str, overrides: Mapping[str, Any]) -> Any:
    """Returns the system's config at a scale, with overrides.

    Raises:
        UserError: if the system has no such scale.
    """
    if scale not in system.scales:
        raise UserError(
            f"--scale must be one of {', '.join(system.scales)}, got {scale!r}{nearest(scale, list(system.scales))}"
        )
    return system.config(**{**system.scales[scale], **overrides})


def make_sweep(
    system: Experiment,
    *,
    scale: str,
    overrides: Mapping[str, Any],
    space: Mapping[str, Dimension],
    search: str,
    scheduler: str,
    num_samples: int,
    num_seeds: int,
    seed: int,
    resources: Resources,
    with_controls: bool = False,
) -> SweepPlan:
    """Returns a checked sweep; an empty ``space`` means the one declared for the scale.

    Raises:
        UserError: naming the option, the value found and what would do.
    """
    for option, value, allowed in (("--search", search, SEARCHES), ("--scheduler", scheduler, SCHEDULERS)):
        if value not in allowed:
            raise UserError(
                f"{option} must be one of {', '.join(allowed)}, got {value!r}{nearest(value, allowed)}"
            )
    for option, count in (("--samples", num_samples), ("--seeds", num_seeds)):
        if count < 1:
            raise UserError(f"{option} must be at least 1, got {count}")
    if seed + num_seeds > TOO_LARGE_SEED:
        raise UserError(
            f"--seed and --seeds must stay within 0..{TOO_LARGE_SEED - 1}, got seeds {seed} to {seed + num_seeds - 1}"
        )
    if "seed" in space:
        raise UserError(
            "seed is not searched but repeated: use --seeds for their number and --seed for the first"
        )
    if scheduler == "pbt" and (search == "optuna" or resources.workers > 1):
        raise UserError(
            "--scheduler pbt needs --search grid, half or random and --workers 1: it copies states between trials"
        )
    config = make_config(system, scale=scale, overrides={**overrides, "seed": seed})
    declared = {**system.space, **system.scale_spaces.get(scale, {})}
    chosen = dict(space) or {key: dim for key, dim in declared.items() if key not in overrides}
    if not chosen:
        raise UserError(
            "nothing is left to search: every setting of the space is fixed by --set; name a --space"
        )
    clash = sorted(set(space) & set(overrides))
    if clash:
        raise UserError(f"{clash[0]} is both searched by --space and fixed by --set; leave one out")
    return SweepPlan(
        system=system.reference or system.name,
        code=study_digest(system.reference),
        scale=scale,
        config=config,
        space=chosen,
        search=search,
        scheduler=scheduler,
        num_samples=num_samples,
        seeds=tuple(range(seed, seed + num_seeds)),
        resources=resources,
        controls=_controls_of(system) if with_controls else (),
    )


def _controls_of(system: Experiment) -> tuple[str, ...]:
    if not system.controls:
        raise UserError(f"--controls must be left out for {system.name}, which declares no controls")
    return tuple(system.controls)


def candidates(plan: SweepPlan) -> list[dict[str, Any]]:
    """Returns the points of a grid, half a grid or a random search; none for a search that decides as it goes."""
    if plan.search == "grid":
        return spaces.grid(plan.space)
    if plan.search == "half":
        return spaces.half_grid(plan.space)
    if plan.search == "random":
        return spaces.sample(plan.space, num_samples=plan.num_samples, seed=plan.seeds[0])
    return []


def trials_of(plan: SweepPlan, points: list[dict[str, Any]]) -> list[PlannedTrial]:
    """Returns the trials of some points: each with every seed, the baselines that match them first.

    A baseline keeps what the standard method reads too (optimizer, learning rate, ...), so a gain
    compares runs that differ in the method alone.
    """
    chosen = [dataclasses.replace(plan.config, **point) for point in points]
    baselines = [baseline_of(plan, config) for config in chosen]
    trials = [
        PlannedTrial(config=dataclasses.replace(config, seed=seed), is_baseline=config in baselines)
        for config in dict.fromkeys([*baselines, *chosen])
        for seed in plan.seeds
    ]
    return trials


def control_trials(plan: SweepPlan) -> list[PlannedTrial]:
    """Returns the runs of the plan's controls: at its fixed settings, with every seed."""
    configs = control_configs(
        find_system(plan.system).controls,
        plan.controls,
        method=plan.config,
        baseline=baseline_of(plan, plan.config),
    )
    return [
        PlannedTrial(config=dataclasses.replace(config, seed=seed), is_baseline=False, control=name)
        for name, config in configs
        for seed in plan.seeds
    ]


def planned_trials(plan: TrialsPlan) -> list[PlannedTrial]:
    """Returns the trials that are known before anything runs: all of them but those that Optuna proposes."""
    if isinstance(plan, TablePlan):
        return list(plan.trials)
    return [*trials_of(plan, candidates(plan)), *control_trials(plan)]


def baseline_of(plan: SweepPlan, config: Any) -> Any:
    """Returns the standard method's config with the same budget."""
    system = find_system(plan.system)
    ignored = {key: getattr(plan.config, key) for key in system.baseline_ignores}
    return dataclasses.replace(config, **{**ignored, **system.baseline})


def num_epochs_of(config: Any) -> int:
    """Returns the number of reports of a trial: its setting ``epochs``, once where it has none."""
    return int(getattr(config, "epochs", 1))


def system_name(plan: Plan) -> str:
    """Returns the name of a plan's system, also where the plan finds it by the path of a study."""
    return find_system(plan.system).name


def num_trials(plan: Plan) -> int:
    """Returns the number of trials the plan has; for Optuna the number if all share one baseline."""
    if isinstance(plan, TrainPlan):
        return 1
    if isinstance(plan, SweepPlan) and plan.search == "optuna":
        return (plan.num_samples + 1) * len(plan.seeds) + len(control_trials(plan))
    return len(planned_trials(plan))


def num_epochs(plan: Plan) -> int:
    """Returns the number of epochs all trials have together if each goes to its end."""
    if isinstance(plan, TablePlan):
        return sum(num_epochs_of(trial.config) for trial in plan.trials)
    return int(num_trials(plan) * num_epochs_of(plan.config))
