"""Every undocumented name of Ray that the platform uses is still there and still does what it is used for.

pyproject.toml allows a range of releases. Before it is widened, and when a release appears, run this file against
both ends of the range, each in its own environment:

    python -m venv .venv-ray && .venv-ray/bin/pip install -e '.[dev]' 'ray[data,default,train,tune]==RELEASE'
    .venv-ray/bin/python -m pytest tests/thesis/execution/cluster/test_ray_private.py
"""

import importlib
import inspect
from pathlib import Path
from types import SimpleNamespace

import pytest
import ray
from ray.tune.schedulers import PopulationBasedTraining

from thesis.execution.cluster import ray_private
from thesis.execution.cluster.ray_private import AdjustsNewConfig

REMEDY = "see execution/cluster/ray_private.py; until it is adapted, lower Ray's ceiling in pyproject.toml"

# Module, name in it, and the name of a function of Ray that must still read it.
NAMES = [
    ("ray._private.worker", "print_to_stdstream", "listen_error_messages"),
    ("ray._private.ray_constants", "ENABLE_RAY_CLUSTER", None),
    ("ray.job_config", "JobConfig._runtime_env_has_working_dir", None),
    ("ray.tune.execution.class_cache", "ENV_VARS_TO_PROPAGATE", None),
    ("ray.tune.experiment", "Trial.get_pickled_error", None),
    ("ray.tune.schedulers", "PopulationBasedTraining._get_new_config", None),
    ("ray._private.runtime_env.constants", "RAY_JOB_CONFIG_JSON_ENV_VAR", None),
]


@pytest.mark.parametrize(("module", "name", "reader"), NAMES)
def test_the_name_is_there(module, name, reader):
    found = importlib.import_module(module)
    for part in name.split("."):
        found = getattr(found, part, None)
        assert found is not None, f"Ray {ray.__version__} has no {module}.{name}; {REMEDY}"
    if reader:
        names = getattr(importlib.import_module(module), reader).__code__.co_names
        assert name in names, f"{module}.{reader} of Ray {ray.__version__} no longer reads {name}; {REMEDY}"


@pytest.mark.parametrize(
    ("module", "text"),
    [
        ("ray._private.services", "ray_constants.ENABLE_RAY_CLUSTER"),
        ("ray._private.worker", "job_config._runtime_env_has_working_dir()"),
        ("ray._private.worker", "RAY_JOB_CONFIG_JSON_ENV_VAR in os.environ"),
        ("ray.tune.execution.class_cache", "in ENV_VARS_TO_PROPAGATE"),
        ("ray.tune.schedulers.pbt", "self._get_new_config(trial, trial_to_clone)"),
    ],
)
def test_ray_still_reads_the_name_where_it_is_replaced(module, text):
    source = Path(importlib.import_module(module).__file__).read_text(encoding="utf-8")
    assert text in source, f"{module} of Ray {ray.__version__} no longer has {text!r}; {REMEDY}"


def test_the_job_variable_has_the_value_that_is_looked_for():
    from ray._private.runtime_env.constants import RAY_JOB_CONFIG_JSON_ENV_VAR

    assert RAY_JOB_CONFIG_JSON_ENV_VAR == ray_private.JOB_VARIABLE, REMEDY


def test_messages_go_to_the_given_function(monkeypatch):
    from ray._private import worker

    monkeypatch.setattr(worker, "print_to_stdstream", worker.print_to_stdstream)  # put back afterwards
    messages = []
    ray_private.redirect_driver_messages(lambda data, ignore_prefix=False: messages.append(data))
    worker.print_to_stdstream({"lines": ["a"]}, ignore_prefix=True)
    assert messages == [{"lines": ["a"]}]


def test_a_local_ray_is_started_on_the_loopback_address(monkeypatch):
    from ray._private import ray_constants, services

    monkeypatch.setattr(ray_constants, "ENABLE_RAY_CLUSTER", True)
    ray_private.keep_to_loopback()
    assert services.resolve_ip_for_localhost("127.0.0.1") == "127.0.0.1"
    assert services.get_node_ip_address() == "127.0.0.1"


def test_a_job_s_workers_are_told_of_no_working_folder():
    assert ray_private.job_config_without_working_folder()._runtime_env_has_working_dir() is True


def test_a_variable_that_is_not_forwarded_is_in_no_trial_s_environment(monkeypatch):
    from ray.tune.execution import class_cache

    monkeypatch.setattr(class_cache, "ENV_VARS_TO_PROPAGATE", {"SECRET_KEY", "OTHER"})
    ray_private.stop_forwarding(("SECRET_KEY", "NOT_THERE"))
    assert {"OTHER"} == class_cache.ENV_VARS_TO_PROPAGATE


def test_a_trial_without_an_error_has_none():
    from ray.tune.experiment import Trial

    trial = SimpleNamespace(run_metadata=SimpleNamespace(pickled_error_filename=None))
    assert (
        ray_private.error_of_trial(SimpleNamespace(get_pickled_error=lambda: Trial.get_pickled_error(trial)))
        is None
    )


def test_tune_passes_both_trials_to_the_hook_and_uses_what_it_returns():
    class Adjusted(AdjustsNewConfig, PopulationBasedTraining):
        def adjust_new_config(self, trial, trial_to_clone, new, operations):
            return {**new, "of": (trial.config["x"], trial_to_clone.config["x"])}, operations

    parameters = list(inspect.signature(PopulationBasedTraining._get_new_config).parameters)
    assert parameters == ["self", "trial", "trial_to_clone"], REMEDY
    scheduler = Adjusted(time_attr="epoch", metric="m", mode="max", hyperparam_mutations={"x": [1, 2, 3]})
    trials = [SimpleNamespace(config={"x": value}) for value in (1, 3)]
    new, _ = scheduler._get_new_config(*trials)
    assert new["of"] == (1, 3)
    assert new["x"] in (1, 2, 3)
