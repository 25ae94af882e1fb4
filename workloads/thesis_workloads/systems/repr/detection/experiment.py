"""RePr on an object detector: Faster R-CNN (section 5.8.3).

Source: table 5.9, COCO 2014. Published with ResNet-50 and a feature pyramid: mAP 38.2 with standard and 42.3 with
RePr training of the backbone; 41.7 and 44.5 with ResNet-101. At the scale ``small``, on generated scenes, a run
takes a few minutes on one core: ``thesis train detection``.
"""

from thesis_workloads.contract.experiment import Experiment
from thesis_workloads.contract.search_space import Choice, Range
from thesis_workloads.systems.repr.detection.config import DetectionConfig

DETECTION = Experiment(
    name="detection",
    title="RePr on an object detector (Faster R-CNN)",
    chapter=5,
    config=DetectionConfig,
    workload="thesis_workloads.systems.repr.detection.workload:WORKLOAD",
    tables=("thesis_workloads.systems.repr.detection.tables:DECLARED",),
    space={
        "head": Choice(values=("fpn", "c4")),
        "p": Choice(values=(10.0, 30.0)),
    },
    baseline={"scheme": "standard"},
    baseline_ignores=(
        "scheme",
        "metric",
        "s1",
        "s2",
        "p",
        "n",
        "rank_first_conv",
        "score_scale",
        "min_filters",
    ),
    changeable={
        "learning_rate": Range(low=1e-4, high=1e-2, log=True),
        "p": Range(low=5.0, high=60.0),
    },
    scales={
        "smoke": {
            "num_train": 48,
            "num_val": 16,
            "num_test": 16,
            "epochs": 4,
            "s1": 1,
            "s2": 1,
            "n": 1,
            "regions": 32,
            "proposals": 50,
        },
        "small": {},
        "paper": {
            "data": "coco",
            "num_train": 0,
            "num_val": 5000,
            "num_test": 5000,
            "backbone": "resnet-50",
            "width": 64,
            "image_size": 800,
            "smallest_anchor": 32,
            "pyramid_channels": 256,
            "head_width": 1024,
            "region_cells": 14,
            "regions": 512,
            "proposals": 1000,
            "optimizer": "momentum",
            "learning_rate": 0.02,
            "batch_size": 16,
            "warmup_steps": 1000,
            "num_loaders": 8,
            "precision": "bfloat16",
        },
    },
    selection_metric="val/map",
    test_metric="test/map",
)
