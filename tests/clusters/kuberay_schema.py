"""The part of KubeRay's ``ray.io/v1`` schema (1.6) and of a pod's that the files in ``clusters/kuberay`` may use.

Written from the field reference (https://docs.ray.io/en/master/cluster/kubernetes/references/api.html), since the
generated schema is not published as a package; a pod's fields are held to Kubernetes' published schema by
test_kubernetes.py (marker `parity`). Every object is closed, so a field that is misspelt is found;
what a pod may have beyond these fields has to be added here first.
"""

from typing import Any

Schema = dict[str, Any]

STRING: Schema = {"type": "string"}
BOOLEAN: Schema = {"type": "boolean"}
COUNT: Schema = {"type": "integer", "minimum": 0}
QUANTITY: Schema = {"type": "string", "pattern": r"^[0-9]+(\.[0-9]+)?(m|k|M|G|T|Ki|Mi|Gi|Ti)?$"}
STRINGS: Schema = {"type": "object", "additionalProperties": STRING}


def one_of(*values: str) -> Schema:
    return {"enum": list(values)}


def many(schema: Schema) -> Schema:
    return {"type": "array", "items": schema}


def closed(required: tuple[str, ...] = (), **fields: Schema) -> Schema:
    return {
        "type": "object",
        "properties": fields,
        "required": list(required),
        "additionalProperties": False,
    }


RESOURCES = closed(
    requests={"type": "object", "additionalProperties": QUANTITY},
    limits={"type": "object", "additionalProperties": QUANTITY},
)
SECRET_KEY = closed(("name", "key"), name=STRING, key=STRING, optional=BOOLEAN)
VARIABLE = closed(("name",), name=STRING, value=STRING, valueFrom=closed(secretKeyRef=SECRET_KEY))
VARIABLES_FROM = closed(
    secretRef=closed(("name",), name=STRING, optional=BOOLEAN),
    configMapRef=closed(("name",), name=STRING, optional=BOOLEAN),
    prefix=STRING,
)
CONTAINER = closed(
    ("name", "image"),
    name=STRING,
    image=STRING,
    imagePullPolicy=one_of("Always", "IfNotPresent", "Never"),
    command=many(STRING),
    args=many(STRING),
    env=many(VARIABLE),
    envFrom=many(VARIABLES_FROM),
    ports=many(closed(("containerPort",), containerPort=COUNT, name={**STRING, "maxLength": 15})),
    resources=RESOURCES,
    volumeMounts=many(
        closed(("name", "mountPath"), name=STRING, mountPath=STRING, readOnly=BOOLEAN, subPath=STRING)
    ),
)
VOLUME = closed(
    ("name",),
    name=STRING,
    persistentVolumeClaim=closed(("claimName",), claimName=STRING, readOnly=BOOLEAN),
    emptyDir=closed(medium=STRING, sizeLimit=QUANTITY),
    secret=closed(secretName=STRING, optional=BOOLEAN),
)
TOLERATION = closed(
    key=STRING,
    operator=one_of("Exists", "Equal"),
    value=STRING,
    effect=one_of("NoSchedule", "PreferNoSchedule", "NoExecute"),
)
POD_TEMPLATE = closed(
    ("spec",),
    metadata=closed(labels=STRINGS, annotations=STRINGS),
    spec=closed(
        ("containers",),
        containers={**many(CONTAINER), "minItems": 1},
        volumes=many(VOLUME),
        tolerations=many(TOLERATION),
        nodeSelector=STRINGS,
        serviceAccountName=STRING,
        securityContext=closed(fsGroup=COUNT, runAsUser=COUNT, runAsGroup=COUNT),
        imagePullSecrets=many(closed(("name",), name=STRING)),
        restartPolicy=one_of("Never", "OnFailure", "Always"),
    ),
)
START_PARAMETERS = STRINGS  # of `ray start`; numbers too are given as text
HEAD_GROUP = closed(
    ("template",),
    rayStartParams=START_PARAMETERS,
    template=POD_TEMPLATE,
    serviceType=one_of("ClusterIP", "NodePort", "LoadBalancer"),
    enableIngress=BOOLEAN,
)
WORKER_GROUP = closed(
    ("groupName", "template"),
    groupName=STRING,
    replicas=COUNT,
    minReplicas=COUNT,
    maxReplicas=COUNT,
    numOfHosts={"type": "integer", "minimum": 1},
    idleTimeoutSeconds=COUNT,
    suspend=BOOLEAN,
    rayStartParams=START_PARAMETERS,
    template=POD_TEMPLATE,
)
CLUSTER_SPEC = closed(
    ("headGroupSpec",),
    rayVersion=STRING,
    suspend=BOOLEAN,
    authOptions=closed(mode=one_of("disabled", "token"), secretName=STRING, enableK8sTokenAuth=BOOLEAN),
    enableInTreeAutoscaling=BOOLEAN,
    autoscalerOptions=closed(
        version=one_of("v1", "v2"),
        upscalingMode=one_of("Default", "Aggressive", "Conservative"),
        idleTimeoutSeconds=COUNT,
        resources=RESOURCES,
        env=many(VARIABLE),
    ),
    headGroupSpec=HEAD_GROUP,
    workerGroupSpecs=many(WORKER_GROUP),
)
JOB_SPEC = closed(
    ("entrypoint",),
    entrypoint=STRING,
    runtimeEnvYAML=STRING,
    jobId=STRING,
    submissionMode=one_of("K8sJobMode", "HTTPMode", "InteractiveMode", "SidecarMode"),
    entrypointNumCpus={"type": "number"},
    entrypointNumGpus={"type": "number"},
    shutdownAfterJobFinishes=BOOLEAN,
    ttlSecondsAfterFinished=COUNT,
    activeDeadlineSeconds={"type": "integer", "minimum": 1},
    backoffLimit=COUNT,
    suspend=BOOLEAN,
    metadata=STRINGS,
    clusterSelector=STRINGS,
    submitterPodTemplate=POD_TEMPLATE,
    rayClusterSpec=CLUSTER_SPEC,
)
_METADATA = closed(name=STRING, generateName=STRING, namespace=STRING, labels=STRINGS, annotations=STRINGS)


def _kind(name: str, spec: Schema) -> Schema:
    return closed(
        ("apiVersion", "kind", "metadata", "spec"),
        apiVersion={"const": "ray.io/v1"},
        kind={"const": name},
        metadata=_METADATA,
        spec=spec,
    )


KINDS = {"RayCluster": _kind("RayCluster", CLUSTER_SPEC), "RayJob": _kind("RayJob", JOB_SPEC)}
