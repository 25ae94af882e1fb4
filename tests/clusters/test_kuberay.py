import copy
import importlib.util
from pathlib import Path

import jsonschema
import pytest
import yaml

_spec = importlib.util.spec_from_file_location(
    "kuberay_schema", Path(__file__).with_name("kuberay_schema.py")
)
_schema = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_schema)
KINDS = _schema.KINDS

FILES = ["kuberay/ray-cluster.yaml", "kuberay/ray-job.yaml"]


def check(document):
    jsonschema.validate(document, KINDS[document["kind"]])


def cluster_of(document):
    return document["spec"].get("rayClusterSpec") or document["spec"]


def pods_of(document):
    spec = cluster_of(document)
    return [spec["headGroupSpec"]["template"], *(group["template"] for group in spec["workerGroupSpecs"])]


@pytest.mark.parametrize("name", FILES)
def test_kuberay_s_schema_takes_the_file(read, name):
    (document,) = read(name)
    check(document)


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("enableInTreeAutoscaling", "enableInTreeAutoScaling"),
        ("maxReplicas", "maxReplica"),
        ("claimName", "claimname"),
        ('num-cpus: "0"', "num-cpus: 0"),
        ("upscalingMode: Default", "upscalingMode: Fast"),
    ],
)
def test_kuberay_s_schema_rejects_a_typo(clusters, name, old, new):
    text = (clusters / name).read_text()
    assert old in text
    with pytest.raises(jsonschema.ValidationError):
        check(yaml.safe_load(text.replace(old, new)))


@pytest.mark.parametrize("name", FILES)
def test_gpus_come_from_a_group_that_grows_from_nothing(read, name):
    (document,) = read(name)
    (gpus,) = [group for group in cluster_of(document)["workerGroupSpecs"] if group["groupName"] == "gpu"]
    assert (gpus["minReplicas"], gpus["maxReplicas"] > 0) == (0, True)
    assert "nvidia.com/gpu" in gpus["template"]["spec"]["containers"][0]["resources"]["limits"]


@pytest.mark.parametrize("name", FILES)
def test_each_pod_knows_what_the_cluster_may_grow_to(read, name):
    (document,) = read(name)
    spec = cluster_of(document)
    most = {"cpu": 0, "nvidia.com/gpu": 0}
    for group in spec["workerGroupSpecs"]:
        limits = group["template"]["spec"]["containers"][0]["resources"]["limits"]
        for kind in most:
            most[kind] += group["maxReplicas"] * int(limits.get(kind, 0))
    for pod in pods_of(document):
        variables = {entry["name"]: entry.get("value") for entry in pod["spec"]["containers"][0]["env"]}
        assert variables["THESIS_CLUSTER_CPUS"] == str(most["cpu"])
        assert variables["THESIS_CLUSTER_GPUS"] == str(most["nvidia.com/gpu"])


@pytest.mark.parametrize("name", FILES)
def test_every_pod_mounts_the_shared_claim_where_results_go(read, name):
    (document,) = read(name)
    shared = {entry["metadata"]["name"] for entry in read("kuberay/shared.yaml")}
    for pod in pods_of(document):
        (claim,) = [volume["persistentVolumeClaim"] for volume in pod["spec"]["volumes"]]
        assert claim["claimName"] in shared
        assert pod["spec"]["containers"][0]["volumeMounts"] == [{"name": "shared", "mountPath": "/shared"}]


def test_a_job_runs_on_the_same_cluster_as_the_one_that_stays(read):
    (stays,), (job,) = (copy.deepcopy(read(name)) for name in FILES)
    assert job["spec"]["rayClusterSpec"] == stays["spec"]


def test_the_claim_can_be_written_from_every_machine(read):
    (claim,) = [entry for entry in read("kuberay/shared.yaml") if entry["kind"] == "PersistentVolumeClaim"]
    assert claim["spec"]["accessModes"] == ["ReadWriteMany"]
