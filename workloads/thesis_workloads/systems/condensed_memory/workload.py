"""The memory networks' functions, as the platform calls them."""

from typing import Any

import numpy as np

from thesis_workloads.contract.reporter import MemoryReporter, State
from thesis_workloads.contract.workload import Overhead, Workload
from thesis_workloads.systems.condensed_memory.config import CondensedMemoryConfig
from thesis_workloads.systems.condensed_memory.data import DATA_FIELDS, load
from thesis_workloads.systems.condensed_memory.label_table import label_rows
from thesis_workloads.systems.condensed_memory.size import size_of
from thesis_workloads.systems.condensed_memory.train import train
from thesis_workloads.systems.condensed_memory.validation import validate


def _restore(config: CondensedMemoryConfig, data: Any, state: State) -> Any:
    return train(config, data, MemoryReporter(start=state))


WORKLOAD = Workload(
    validate=validate,
    data_fields=DATA_FIELDS,
    preparation="clinical-notes",
    load=load,
    train=train,
    restore=_restore,
    tables=lambda config, data, state: {"labels": label_rows(_restore(config, data, state), data)},
    size=size_of,
    overhead=Overhead(s_per_value=5e-9, s_per_parameter=4e-9, s_per_step=2e-3, s_per_trial=1.0),
    # Numbers of common words, not a note: an example is kept with the model, and a note may be a patient's.
    example=lambda data: np.arange(1, 13).reshape(4, 3),
)
