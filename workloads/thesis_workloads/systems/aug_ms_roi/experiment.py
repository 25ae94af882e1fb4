"""Aug-MSROI: how many perturbed maps to average, and how strongly to perturb (chapter 3).

Source: section 3.4: the number is "found empirically", five in section 3.5. A trial takes the maps of clean and of
attacked photographs and says how alike they are; without noise it is MS-ROI, the baseline:
``thesis sweep aug-ms-roi``.
"""

import dataclasses
import shlex
from typing import Any

from thesis_workloads.contract.experiment import Experiment
from thesis_workloads.contract.search_space import Choice
from thesis_workloads.systems.aug_ms_roi.config import AugmentedMapConfig, RegionDefenseConfig

# Settings of a sweep that an evaluation takes as options of its own.
_OPTIONS = {"data": "images", "labels": "labels", "classifier": "classifier", "weights": "weights"}


def _test_command(config: Any) -> str:
    """Returns the evaluation of JPEG by a chosen setting's maps, on the images that had no part in choosing it."""
    default = AugmentedMapConfig()
    options = [
        f"--{option} {shlex.quote(getattr(config, name))}"
        for name, option in _OPTIONS.items()
        if getattr(config, name) != getattr(default, name)
    ]
    settings = [
        f"--set {field.name}={getattr(config, field.name)}"
        for field in dataclasses.fields(RegionDefenseConfig)
        if field.name != "seed"
        and hasattr(config, field.name)
        and getattr(config, field.name) != field.default
    ]
    return " ".join(["thesis evaluate aug-ms-roi --part test", *options, *settings])


AUG_MSROI = Experiment(
    name="aug-ms-roi",
    title="Aug-MSROI: the mean of perturbed maps, which an attack changes less",
    chapter=3,
    config=AugmentedMapConfig,
    workload="thesis_workloads.systems.aug_ms_roi.workload:WORKLOAD",
    tables=("thesis_workloads.systems.aug_ms_roi.tables:DECLARED",),
    space={
        "num_perturbations": Choice(values=(2, 5, 10)),
        "perturbation_scale": Choice(values=(0.1, 0.2, 0.4)),
    },
    baseline={"perturbation_scale": 0.0},
    baseline_ignores=("num_perturbations", "perturbation_scale"),
    changeable={},
    scales={
        "smoke": {"attacks": "fgsm@0.02", "attack_scale": "smoke", "num_val": 4, "epochs": 2},
        "small": {"num_val": 8},
        "paper": {
            "attacks": "fgsm@0.02+igsm@0.02+gradient@0.02+deepfool@0.02+jsma@0.02+lbfgs@0.02",
            "attack_scale": "paper",
            "classifier": "resnet-50",
            "num_val": 300,
            "batch_size": 10,
            "epochs": 30,
        },
    },
    selection_metric="val/correlation",
    test_metric="val/sharpness",
    baseline_name="MS-ROI",
    next_command=_test_command,
)
