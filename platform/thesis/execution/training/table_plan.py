"""Declared training runs made a plan."""

from thesis.execution.storage.code_digest import code_digest, code_of
from thesis.experiments.plan import PlannedTrial, Resources, TablePlan
from thesis.experiments.table_trials import DeclaredTrial, declared_trials
from thesis_workloads.contract.tables import DeclaredRuns
from thesis_workloads.registry import find_system


def table_plan(
    declared: DeclaredRuns, *, scale: str, num_seeds: int = 0, seed: int = 0, resources: Resources
) -> TablePlan:
    """Returns the trials of a table at a scale, each configuration once however many numbers it makes.

    Raises:
        UserError: if there is no such scale.
    """
    trials = declared_trials(declared, scale=scale, num_seeds=num_seeds, seed=seed)
    by_config: dict[object, list[DeclaredTrial]] = {}
    for trial in trials:
        by_config.setdefault(trial.config, []).append(trial)
    has_sets = len(declared.data[scale]) > 1
    baseline = next(iter(declared.runs))
    return TablePlan(
        system=declared.system,
        scale=scale,
        table=declared.table,
        trials=tuple(
            PlannedTrial(
                config=config,
                is_baseline=any(trial.run == baseline for trial in same),
                name=f"{_name(same, has_sets=has_sets)} seed={same[0].config.seed}",
            )
            for config, same in by_config.items()
        ),
        resources=resources,
        code=code_digest(code_of(find_system(declared.system))),
    )


def _name(same: list[DeclaredTrial], *, has_sets: bool) -> str:
    runs = ", ".join(dict.fromkeys(trial.run for trial in same))
    return f"{runs} on {same[0].dataset}" if has_sets else runs
