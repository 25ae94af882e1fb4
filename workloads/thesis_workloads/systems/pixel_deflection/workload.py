"""Pixel deflection's functions, as the platform calls them: a trial defends images and trains nothing."""

from thesis_workloads.contract.workload import Workload
from thesis_workloads.systems.pixel_deflection.data import DATA_FIELDS, prepared_data
from thesis_workloads.systems.pixel_deflection.size import size_of
from thesis_workloads.systems.pixel_deflection.train import train
from thesis_workloads.systems.pixel_deflection.validation import validate

WORKLOAD = Workload(
    validate=validate,
    data_fields=DATA_FIELDS,
    preparation="attacked-images",
    load=prepared_data,
    train=train,
    size=size_of,
)
