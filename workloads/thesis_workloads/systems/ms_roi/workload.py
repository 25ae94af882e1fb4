"""MS-ROI's network's functions, as the platform calls them."""

from thesis_workloads.contract.reporter import MemoryReporter
from thesis_workloads.contract.workload import Workload
from thesis_workloads.systems.ms_roi.data import DATA_FIELDS, load
from thesis_workloads.systems.ms_roi.size import size_of
from thesis_workloads.systems.ms_roi.train import train
from thesis_workloads.systems.ms_roi.validation import validate

WORKLOAD = Workload(
    validate=validate,
    data_fields=DATA_FIELDS,
    load=load,
    train=train,
    restore=lambda config, data, state: train(config, data, MemoryReporter(start=state)),
    size=size_of,
    example=lambda data: data.val.images[:4].float().div(255).numpy(),
)
