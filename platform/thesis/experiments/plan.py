"""A run or a sweep, completely resolved before anything starts: what is stored, digested and resumed."""

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from thesis_workloads.contract import search_space as spaces
from thesis_workloads.contract.controls import control_configs
from thesis_workloads.contract.digest import digest
from thesis_workloads.contract.errors import UserError
from thesis_workloads.contract.experiment import Experiment
from thesis_workloads.contract.overrides import nearest
from thesis_workloads.contract.search_space import Choice, Dimension, Range
from thesis_workloads.registry import find_system
from thesis_workloads.studies import study_digest

SEARCHES = ("grid", "half", "random", "optuna")
SCHEDULERS = ("none", "asha", "pbt")


@dataclass(frozen=True, kw_only=True)
class Resources:
    """What one trial, or one training run, holds while it runs."""

    workers: int = 1
    cpus_per_worker: float = 1.0
    gpus_per_worker: float = 0.0
    memory_gib_per_worker: float = 0.0  # of the machine; 0: not reckoned with
    gpu_memory_gib_per_worker: float = 0.0  # of one card, in place of gpus_per_worker; 0: not declared


@dataclass(frozen=True, kw_only=True)
class PlannedTrial:
    """One complete configuration, seed included."""

    config: Any
    is_baseline: bool
    name: str = ""  # for people; empty makes one of the searched settings
    control: str = ""  # name of the control that it is a run of; empty for the method and the baseline

    @property
    def key(self) -> str:
        """A name that the same configuration has in every run."""
        role = "baseline" if self.is_baseline else f"control-{self.control}" if self.control else "trial"
        return f"{role}-{digest(dataclasses.asdict(self.config), 10)}"


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
    code: str  # digest of the code that computes the numbers: other code never goes on with old trials

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


def plan_digest(plan: Plan) -> str:
    """Returns what tells this plan from any other; part of the run's name."""
    return digest(plan_to_dict(plan))


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
    """Returns how often a trial reports: its setting ``epochs``, once where it has none."""
    return int(getattr(config, "epochs", 1))


def system_name(plan: Plan) -> str:
    """Returns the name of a plan's system, also where the plan finds it by the path of a study."""
    return find_system(plan.system).name


def num_trials(plan: Plan) -> int:
    """Returns how many trials the plan has; for Optuna the number if all share one baseline."""
    if isinstance(plan, TrainPlan):
        return 1
    if isinstance(plan, SweepPlan) and plan.search == "optuna":
        return (plan.num_samples + 1) * len(plan.seeds) + len(control_trials(plan))
    return len(planned_trials(plan))


def num_epochs(plan: Plan) -> int:
    """Returns how many epochs all trials have together if each goes to its end."""
    if isinstance(plan, TablePlan):
        return sum(num_epochs_of(trial.config) for trial in plan.trials)
    return int(num_trials(plan) * num_epochs_of(plan.config))


def plan_to_dict(plan: Plan) -> dict[str, Any]:
    """Returns the plan as JSON values; `plan_from_dict` reads it back."""
    values = dataclasses.asdict(plan)
    values["kind"] = plan.kind
    # What is not declared is left out, so that a run keeps its name where settings like these are added.
    values["resources"] = {
        key: value for key, value in values["resources"].items() if value or "memory" not in key
    }
    if not values["code"]:
        del values["code"]
    for trial in values.get("trials", ()):
        if not trial["control"]:
            del trial["control"]
    if isinstance(plan, SweepPlan):
        if not plan.controls:
            del values["controls"]
        values["space"] = {key: dataclasses.asdict(dim) for key, dim in plan.space.items()}
    return json.loads(json.dumps(values))  # type: ignore[no-any-return]


def plan_from_dict(values: Mapping[str, Any]) -> Plan:
    """Returns the plan that `plan_to_dict` wrote.

    Raises:
        UserError: if its system or one of its settings no longer exists, or the code of its study has changed.
    """
    config_type = find_system(values["system"]).config
    fields = {field.name for field in dataclasses.fields(config_type)}
    configs = [trial["config"] for trial in values["trials"]] if "trials" in values else [values["config"]]
    unknown = sorted({key for config in configs for key in config} - fields)
    if unknown:
        raise UserError(
            f"this run was made by another version: {values['system']} has no setting {unknown[0]!r} now"
        )
    shared: dict[str, Any] = {
        "system": values["system"],
        "scale": values["scale"],
        "resources": Resources(**values["resources"]),
    }
    if "trials" in values:
        trials = (PlannedTrial(**{**t, "config": config_type(**t["config"])}) for t in values["trials"])
        return TablePlan(**shared, table=values["table"], code=values["code"], trials=tuple(trials))
    shared["config"] = config_type(**values["config"])
    shared["code"] = values.get("code", "")
    if shared["code"] and study_digest(values["system"]) != shared["code"]:
        raise UserError(
            f"{values['system']} has changed since this run started; changed code never resumes an old run: run the"
            " command again for a new one"
        )
    if values["kind"] == "train":
        return TrainPlan(**shared)
    return SweepPlan(
        **shared,
        space={key: _dimension(dim) for key, dim in values["space"].items()},
        search=values["search"],
        scheduler=values["scheduler"],
        num_samples=values["num_samples"],
        seeds=tuple(values["seeds"]),
        controls=tuple(values.get("controls", ())),
    )


def _dimension(values: Mapping[str, Any]) -> Dimension:
    return Choice(values=tuple(values["values"])) if "values" in values else Range(**values)
