"""The encoder's functions, as the platform calls them: a trial encodes photographs and trains nothing."""

from thesis_workloads.contract.workload import Workload
from thesis_workloads.systems.ms_roi.encoder_trial import measure, validate
from thesis_workloads.systems.ms_roi.mapped_photographs import DATA_FIELDS, load
from thesis_workloads.systems.ms_roi.size import encoder_size_of

WORKLOAD = Workload(
    validate=validate,
    data_fields=DATA_FIELDS,
    shares_data=True,
    load=load,
    train=measure,
    size=encoder_size_of,
)
