"""The files for Kubernetes before its own published schema, which a package carries (extra `parity`)."""

import copy

import pytest

kubernetes_validate = pytest.importorskip("kubernetes_validate", reason="needs the extra `parity`")

pytestmark = pytest.mark.parity

VERSIONS = ("1.28", "1.34")


def templates(read):
    """Yields the pods of the files of Ray's own kinds, each as the object of Kubernetes that holds one."""
    for name in ("kuberay/ray-cluster.yaml", "kuberay/ray-job.yaml"):
        (document,) = read(name)
        spec = document["spec"].get("rayClusterSpec") or document["spec"]
        for group in (spec["headGroupSpec"], *spec["workerGroupSpecs"]):
            yield {
                "apiVersion": "v1",
                "kind": "PodTemplate",
                "metadata": {"name": "x"},
                "template": group["template"],
            }


@pytest.mark.parametrize("version", VERSIONS)
def test_kubernetes_takes_what_a_cluster_shares_and_every_pod_of_ray(read, version):
    documents = [*read("kuberay/shared.yaml"), *templates(read)]
    assert len(documents) == 3 + 6
    for document in documents:
        kubernetes_validate.validate(document, version, strict=True)


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        (("template", "spec", "containers", 0), "envFrom", "envfrom"),
        (("template", "spec"), "volumes", "volume"),
        (("template", "spec", "containers", 0), "resources", "resource"),
    ],
)
def test_kubernetes_rejects_a_typo_in_a_pod(read, path, old, new):
    document = copy.deepcopy(next(templates(read)))
    place = document
    for key in path:
        place = place[key]
    place[new] = place.pop(old)
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(document, VERSIONS[-1], strict=True)
