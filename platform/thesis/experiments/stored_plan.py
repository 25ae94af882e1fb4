"""A plan as it is stored and digested: JSON values and back."""

import dataclasses
import json
from collections.abc import Mapping
from typing import Any

from thesis.experiments.plan import Plan, SweepPlan, TablePlan, TrainPlan
from thesis.experiments.planned_trial import PlannedTrial as PlannedTrial
from thesis.experiments.planned_trial import Resources as Resources
from thesis_workloads.contract.digest import digest
from thesis_workloads.contract.errors import UserError
from thesis_workloads.contract.search_space import Choice, Dimension, Range
from thesis_workloads.registry import find_system
from thesis_workloads.studies import study_digest


def plan_digest(plan: Plan) -> str:
    """Returns the plan's digest, part of the run's name."""
    return digest(plan_to_dict(plan))


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
