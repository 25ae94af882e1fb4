"""The detector's functions, as the platform calls them."""

import torch

from thesis_workloads.contract.workload import Workload
from thesis_workloads.systems.repr.detection.config import DetectionConfig
from thesis_workloads.systems.repr.detection.data import DATA_FIELDS, load
from thesis_workloads.systems.repr.detection.detector import Features
from thesis_workloads.systems.repr.detection.size import check_pruning, size_of
from thesis_workloads.systems.repr.detection.train import load_model, train
from thesis_workloads.systems.repr.detection.validation import validate


def _validate(config: DetectionConfig) -> None:
    validate(config)
    check_pruning(config)


WORKLOAD = Workload(
    validate=_validate,
    data_fields=DATA_FIELDS,
    load=load,
    train=train,
    # The backbone alone: what a detector answers has no fixed shape, so it can't be traced.
    restore=lambda config, data, state: Features(load_model(config, len(data.classes), state)),
    size=size_of,
    example=lambda data: torch.zeros(2, *data.val[0].image.shape).numpy(),
)
