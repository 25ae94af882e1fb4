"""Aug-MSROI's functions, as the platform calls them: a trial measures maps and trains nothing."""

import dataclasses

from thesis_workloads.contract.model_size import ModelSize
from thesis_workloads.contract.workload import Workload
from thesis_workloads.systems.aug_ms_roi.config import AugmentedMapConfig
from thesis_workloads.systems.aug_ms_roi.stability import measure, validate
from thesis_workloads.systems.pixel_deflection.config import PixelDeflectionConfig
from thesis_workloads.systems.pixel_deflection.data import DATA_FIELDS, prepared_data
from thesis_workloads.systems.pixel_deflection.size import size_of


def _size(config: AugmentedMapConfig) -> ModelSize:
    of_images = {name: getattr(config, name) for name in DATA_FIELDS}
    attacked = PixelDeflectionConfig(**of_images, num_votes=1)
    return size_of(dataclasses.replace(attacked, num_votes=config.num_perturbations))


WORKLOAD = Workload(
    validate=validate,
    data_fields=DATA_FIELDS,
    preparation="attacked-images",
    load=prepared_data,
    train=measure,
    size=_size,
)
