"""MS-ROI: the network that makes maps of the regions of interest (chapter 2).

Source: sections 2.3 and 2.5. The dissertation trains five stages of two convolutions on Caltech-256, with image-level
labels only, and prints no figure of the network itself. A run at the scale ``small`` has three stages on
generated scenes whose masks are known, and so measures where its maps lie: ``thesis train ms-roi``.
"""

from thesis_workloads.contract.experiment import Experiment
from thesis_workloads.contract.search_space import Choice, Range
from thesis_workloads.systems.ms_roi.config import RegionNetworkConfig

MSROI = Experiment(
    name="ms-roi",
    title="MS-ROI: a map per class over shared lower layers, from image-level labels",
    chapter=2,
    config=RegionNetworkConfig,
    workload="thesis_workloads.systems.ms_roi.workload:WORKLOAD",
    tables=("thesis_workloads.systems.ms_roi.tables:DECLARED",),
    space={
        "maps_per_class": Choice(values=(1, 4)),
        "learning_rate": Choice(values=(1e-3, 3e-3)),
    },
    # One map per class: what the group of maps of equation 2.4 adds is read against it.
    baseline={"maps_per_class": 1},
    baseline_ignores=("maps_per_class",),
    changeable={"learning_rate": Range(low=1e-4, high=1e-2, log=True)},
    scales={
        "smoke": {
            "image_size": 32,
            "num_train": 200,
            "num_val": 100,
            "stages": 2,
            "width": 8,
            "epochs": 3,
        },
        "small": {
            "num_train": 2000,
            "num_val": 300,
            "stages": 3,
            "width": 16,
            "epochs": 12,
            "learning_rate": 3e-3,
        },
        "paper": {"data": "caltech-256", "image_size": 224, "num_train": 0, "batch_size": 64},
    },
    selection_metric="val/auc",
    test_metric="test/auc",
    baseline_name="one map per class",
)
