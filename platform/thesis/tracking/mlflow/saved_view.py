"""A saved view of MLflow's table of runs: the trials of one run, seeds averaged, the best setting first.

MLflow keeps what its button *Save as new view* saves as a tag of the experiment: JSON with a name and the state
of the page, deflated and in base64. The format is not documented; a test opens such a view in a browser.
"""

import base64
import json
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from thesis.tracking.mlflow.mlflow_private import SAVED_VIEW_TAG
from thesis.tracking.mlflow.runs import KEY_TAG

if TYPE_CHECKING:
    from mlflow.entities import Run

_WIDTHS = {"metrics": 130, "params": 90, "tags": 220}  # pixels of a column
_MAX_CHARACTERS = 5000  # of a tag


@dataclass(frozen=True, kw_only=True)
class View:
    """What a view shows of each trial."""

    params: tuple[str, ...] = ()  # what tells the settings apart
    tags: tuple[str, ...] = ()  # the same, where a tag does
    metrics: tuple[str, ...]  # the first orders the rows
    is_ascending: bool = False

    @property
    def columns(self) -> list[str]:
        """Returns MLflow's names of the columns."""
        return [
            *(f"metrics.`{name}`" for name in self.metrics),
            *(f"params.`{name}`" for name in self.params),
            *(f"tags.`{name}`" for name in self.tags),
        ]


def view_tag(view: View, *, run: str, trials: Iterable["Run"], created_ms: int) -> tuple[str, str]:
    """Returns key and value of the experiment's tag that is the view; its name in links is ``run``."""
    state = _state(view, run)
    # MLflow names a group by its first key alone: what the baseline is can be told by its trials' names.
    opened = {_group(view, trial): trial.data.tags.get("thesis.role") == "baseline" for trial in trials}
    value = _value(f"{run}: means over seeds", {**state, "groupsExpanded": opened}, created_ms)
    if len(value) > _MAX_CHARACTERS:  # then every group is shown with its trials
        value = _value(f"{run}: means over seeds", state, created_ms)
    return f"{SAVED_VIEW_TAG}{run}", value


def _value(name: str, state: dict[str, Any], created_ms: int) -> str:
    packed = base64.b64encode(zlib.compress(json.dumps(state).encode(), 9)).decode("ascii")
    return json.dumps(
        {"name": name, "createdAt": created_ms, "updatedAt": created_ms, "state": f"deflate;{packed}"}
    )


def _state(view: View, run: str) -> dict[str, Any]:
    keys = [{"mode": "tag", "groupByData": name} for name in view.tags]
    keys += [{"mode": "param", "groupByData": name} for name in view.params]
    return {
        "searchFilter": f"tags.`{KEY_TAG}` LIKE '{run}/%'",
        "orderByKey": f"metrics.`{view.metrics[0]}`",
        "orderByAsc": view.is_ascending,
        "startTime": "ALL",
        "lifecycleFilter": "Active",
        "datasetsFilter": [],
        "modelVersionFilter": "All Runs",
        "selectedColumns": view.columns,
        "columnOrder": view.columns,
        "columnWidths": {name: _WIDTHS[name.split(".")[0]] for name in view.columns},
        "runsHiddenMode": "SHOWALL",
        "viewMaximized": False,
        "runListHidden": False,
        "isAccordionReordered": False,
        "useGroupedValuesInCharts": True,
        "hideEmptyCharts": True,
        "groupBy": {"aggregateFunction": "average", "groupByKeys": keys},
        "groupsExpanded": {},
        "globalLineChartConfig": {"xAxisKey": "step", "lineSmoothness": 0, "selectedXAxisMetricKey": ""},
    }


def _group(view: View, trial: "Run") -> str:
    """Returns MLflow's own name of the group that a trial falls into."""
    tags = [f"tag.{name}.{trial.data.tags.get(name, '')}" for name in view.tags]
    params = [f"param.{name}.{trial.data.params.get(name, '')}" for name in view.params]
    return ",".join((*tags, *params))
