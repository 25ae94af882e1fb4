"""The metadata of a run in MLflow: its parameters, its tags and a description."""

from collections.abc import Mapping
from typing import Any

from thesis.execution.training.job_data import JobData
from thesis.experiments.plan import Plan, SweepPlan, TablePlan, TrainPlan
from thesis.experiments.stored_plan import plan_to_dict
from thesis.tracking.mlflow.saved_view import View
from thesis.tracking.provenance import provenance_tags
from thesis_workloads.contract.experiment import tables_of
from thesis_workloads.contract.overrides import as_overrides
from thesis_workloads.contract.settings import describe_settings
from thesis_workloads.registry import find_system


def params_of(plan: Plan) -> dict[str, Any]:
    """Returns the parameters of MLflow's top run; for a table those that all of its trials share."""
    values = plan_to_dict(plan)
    if isinstance(plan, TablePlan):
        configs = [trial["config"] for trial in values.pop("trials")]
        values["num_trials"] = len(configs)
        values["config"] = {
            key: value for key, value in configs[0].items() if all(each[key] == value for each in configs)
        }
    flat = {
        **values.pop("config"),
        **{f"resources.{key}": value for key, value in values.pop("resources").items()},
    }
    for key, dimension in values.pop("space", {}).items():
        flat[f"space.{key}"] = dimension.get("values") or f"{dimension['low']}..{dimension['high']}"
    return {**flat, **values}


def tags_of(plan: Plan, data: JobData) -> dict[str, str]:
    """Returns the tags that MLflow's runs can be filtered by."""
    system = find_system(plan.system)
    tables = (plan.table,) if isinstance(plan, TablePlan) else tuple(tables_of(system))
    return {
        "thesis.system": system.name,
        "thesis.scale": plan.scale,
        **({"thesis.chapter": str(system.chapter)} if system.chapter else {}),
        "thesis.tables": " ".join(tables),
        "thesis.dataset": data.names,
        "thesis.dataset_digest": data.digest,
        "thesis.runner": "ray-train"
        if isinstance(plan, TrainPlan) or plan.resources.workers > 1
        else "tune-function",
        "thesis.workers": str(plan.resources.workers),
        **provenance_tags(),
    }


def describe(plan: Plan) -> str:
    """Returns a paragraph that describes the run in MLflow."""
    system = find_system(plan.system)
    base = system.config()
    settings = as_overrides(plan.config, relative_to=base).replace("--set ", "") or "default settings"
    if isinstance(plan, TrainPlan):
        return f"{system.title or system.name}. One training run{_on(plan.config)}: {settings}."
    if isinstance(plan, TablePlan):
        names = ", ".join(dict.fromkeys(trial.name.rpartition(" seed=")[0] for trial in plan.trials))
        num_seeds = len({trial.config.seed for trial in plan.trials})
        return (
            f"{system.title}. The declared runs of {plan.table} at scale {plan.scale}, {num_seeds} seeds each:"
            f" {names}. Each child run is a trial; filter by the tag thesis.setting, tick some and press Compare."
            " Trials of the same configuration, data and code that another table had finished are shown here"
            " too, without having run again."
        )
    searched = ", ".join(
        f"{key} in {_describe_dimension(dim)}" for key, dim in plan_to_dict(plan)["space"].items()
    )
    seeds = ", ".join(map(str, plan.seeds))
    controls = f" Controls: {', '.join(plan.controls)}." if plan.controls else ""
    return (
        f"{system.title or system.name}. Sweep ({plan.search} search, scheduler {plan.scheduler}){_on(plan.config)}"
        f" over {searched}, seeds {seeds}, compared with {system.baseline_name} at the same budget: {settings}."
        f"{controls} Each child run is a trial; tick some and press Compare."
    )


def note_of(plan: Plan) -> str:
    """Returns the note of MLflow's top run: the paragraph, and of a sweep what each searched setting is."""
    if not isinstance(plan, SweepPlan):
        return describe(plan)
    known = describe_settings(find_system(plan.system).config)
    lines = [
        f"- `{key}`: {known[key]['description']}"
        + (f" (must be {known[key]['allowed']})" if known[key]["allowed"] else "")
        for key in plan.space
        if known[key]["description"]
    ]
    return "\n\n".join(filter(None, [describe(plan), "\n".join(lines)]))


def view_of(plan: Plan) -> View | None:
    """Returns the settings and metrics that MLflow's table of the trials shows; None for a single training."""
    if isinstance(plan, TrainPlan):
        return None
    system = find_system(plan.system)
    metrics = tuple(dict.fromkeys((system.selection_metric, system.test_metric)))
    if isinstance(plan, TablePlan):
        return View(
            tags=("thesis.setting", "thesis.dataset"), metrics=metrics, is_ascending=system.mode == "min"
        )
    # What makes the baseline, then what was searched.
    changed = (key for name in plan.controls for key in system.controls[name].overrides)
    params = tuple(dict.fromkeys((*system.baseline, *plan.space, *changed)))
    return View(params=params, metrics=metrics, is_ascending=system.mode == "min")


def _on(config: Any) -> str:
    data = getattr(config, "data", "")
    return f" on {data}" if data else ""


def _describe_dimension(dimension: Mapping[str, Any]) -> str:
    if "values" in dimension:
        return "{" + ", ".join(str(value) for value in dimension["values"]) + "}"
    return f"[{dimension['low']:g}, {dimension['high']:g}]"
