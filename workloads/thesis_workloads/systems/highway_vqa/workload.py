"""The highway network's functions, as the platform calls them."""

from pathlib import Path

from thesis_workloads.contract.workload import Overhead, Workload
from thesis_workloads.systems.highway_vqa.config import HighwayVQAConfig
from thesis_workloads.systems.highway_vqa.data import DATA_FIELDS, VisualQuestionData
from thesis_workloads.systems.highway_vqa.exported import OneInput, joined
from thesis_workloads.systems.highway_vqa.size import size_of
from thesis_workloads.systems.highway_vqa.state import load_model
from thesis_workloads.systems.highway_vqa.train import train
from thesis_workloads.systems.highway_vqa.validation import validate


def _load(
    config: HighwayVQAConfig, data_dir: Path | None, *, prepared: VisualQuestionData
) -> VisualQuestionData:
    # The questions come with the features of their images, which are made once and kept.
    return prepared


WORKLOAD = Workload(
    validate=validate,
    data_fields=DATA_FIELDS,
    preparation="image-features",
    load=_load,
    train=train,
    restore=lambda config, data, state: OneInput(load_model(config, state).network),
    size=size_of,
    overhead=Overhead(s_per_value=5e-9, s_per_parameter=4e-9, s_per_step=2e-3, s_per_trial=1.0),
    example=lambda data: joined(data.features[data.val.rows[:4]], data.val.words[:4]),
)
