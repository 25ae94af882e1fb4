import copy

import jsonschema
import pytest
from ray.autoscaler._private.util import prepare_config, validate_config

FILES = ["aws.yaml", "on-premise.yaml"]


def check(config):
    prepared = prepare_config(copy.deepcopy(config))
    validate_config(prepared)
    return prepared


@pytest.mark.parametrize("name", FILES)
def test_ray_up_takes_the_file(read, name):
    (config,) = read(name)
    assert check(config)["head_node_type"]


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("field", ["head_start_ray_commands", "file_mounts", "max_workers"])
def test_ray_up_rejects_a_typo(read, name, field):
    (config,) = read(name)
    config[f"{field}x"] = config.pop(field)
    with pytest.raises(jsonschema.ValidationError):
        check(config)


def test_aws_grows_to_what_its_machines_are_told(read):
    (config,) = read("aws.yaml")
    kinds = [kind for kind in config["available_node_types"].values() if "max_workers" in kind]
    options = config["docker"]["run_options"]
    for resource in ("CPU", "GPU"):
        most = sum(kind["max_workers"] * kind["resources"].get(resource, 0) for kind in kinds)
        assert f"--env THESIS_CLUSTER_{resource}S={most}" in options
    assert config["max_workers"] == sum(kind["max_workers"] for kind in kinds)


@pytest.mark.parametrize("name", FILES)
def test_the_dashboard_and_mlflow_listen_on_the_head_alone(read, name):
    (config,) = read(name)
    commands = " ".join(config["head_start_ray_commands"])
    assert "--dashboard-host=127.0.0.1" in commands
    assert "--host 127.0.0.1 --port 5000" in " ".join(commands.split())


@pytest.mark.parametrize("name", FILES)
def test_the_files_that_are_sent_to_the_machines_are_here(read, clusters, name):
    (config,) = read(name)
    local = [source for source in config["file_mounts"].values() if source.startswith("./")]
    assert local
    assert [source for source in local if not (clusters.parent / source).is_file()] == []
