"""Saved views of MLflow's table of runs, as the tag that MLflow's page reads."""

import base64
import json
import zlib
from types import SimpleNamespace

from thesis.tracking.mlflow.pages import view_page
from thesis.tracking.mlflow.saved_view import View, view_tag

VIEW = View(params=("scheme", "p"), metrics=("val/accuracy", "test/accuracy"))


def trial(role="candidate", **params):
    return SimpleNamespace(data=SimpleNamespace(params=params, tags={"thesis.role": role}))


def state_of(value):
    form, packed = json.loads(value)["state"].split(";")
    assert form == "deflate"
    return json.loads(zlib.decompress(base64.b64decode(packed)))


def test_settings_are_averaged_over_seeds_best_first_and_only_the_baseline_is_unfolded():
    trials = [trial(scheme="repr", p="30.0"), trial("baseline", scheme="standard", p="10.0")]
    key, value = view_tag(VIEW, run="a-run", trials=trials, created_ms=5)
    state = state_of(value)
    assert key == "mlflow.sharedViewState.a-run"
    assert state["searchFilter"] == "tags.`thesis.key` LIKE 'a-run/%'"
    assert (state["orderByKey"], state["orderByAsc"]) == ("metrics.`val/accuracy`", False)
    assert [each["groupByData"] for each in state["groupBy"]["groupByKeys"]] == ["scheme", "p"]
    assert state["groupsExpanded"] == {
        "param.scheme.repr,param.p.30.0": False,
        "param.scheme.standard,param.p.10.0": True,
    }


def test_columns_are_the_metrics_and_the_settings_in_their_order():
    state = state_of(view_tag(VIEW, run="a-run", trials=[], created_ms=5)[1])
    assert state["columnOrder"] == state["selectedColumns"]
    assert state["columnOrder"][::3] == ["metrics.`val/accuracy`", "params.`p`"]


def test_so_many_settings_that_the_tag_would_be_too_long_are_shown_unfolded():
    trials = [trial(scheme="repr", p=str(number * 0.123456789)) for number in range(2000)]
    value = view_tag(VIEW, run="a-run", trials=trials, created_ms=5)[1]
    assert len(value) < 5000
    assert state_of(value)["groupsExpanded"] == {}


def test_a_view_has_an_address_among_the_pages_for_training():
    assert view_page("3", "a-run").startswith("#/experiments/3/runs?viewStateShareKey=a-run&")
