"""Content-aware JPEG: how many levels, over which qualities, by which classes' map (chapter 2).

Source: sections 2.3 to 2.5, whose own choice is five levels over qualities 30 to 70, the five strongest classes,
and rounding by ``jpeg``. A trial encodes photographs held out from those that the chosen setting is then
measured on, each as large as its plain JPEG, the baseline. Maps come out of one run of the network:
``thesis sweep ms-roi``.
"""

import shlex
from typing import Any

from thesis_workloads.contract.experiment import Experiment
from thesis_workloads.contract.search_space import Choice
from thesis_workloads.systems.ms_roi.config import RegionEncoderConfig

_OPTIONS = {
    "quality": "--quality",
    "num_levels": "--levels",
    "q_low": "--q-low",
    "q_high": "--q-high",
    "rounding": "--rounding",
    "classes": "--classes",
}


def _compress_command(config: Any) -> str:
    """Returns the command that compresses a folder by a chosen setting, however the encoder's defaults change."""
    if config.encoder == "plain":
        return "none: no setting beat plain JPEG"
    values = {option: getattr(config, name) for name, option in _OPTIONS.items()}
    words = [
        f"{option} {shlex.quote(f'{value:g}' if isinstance(value, float) else str(value))}"
        for option, value in values.items()
    ]
    # Trials compare files in baseline coding.
    return " ".join(["thesis compress photos/ smaller/ --coding baseline", *words])


MSROI_ENCODER = Experiment(
    name="ms-roi-encoder",
    title="Content-aware JPEG: levels, their qualities and the classes in the map",
    chapter=2,
    config=RegionEncoderConfig,
    workload="thesis_workloads.systems.ms_roi.encoder_workload:WORKLOAD",
    space={
        "num_levels": Choice(values=(5, 10)),
        "q_low": Choice(values=(10.0, 30.0)),
        "q_high": Choice(values=(70.0, 90.0)),
        "classes": Choice(values=("top-1", "top-5", "above-2")),
        "rounding": Choice(values=("jpeg", "keep")),
    },
    baseline={"encoder": "plain"},
    baseline_ignores=("num_levels", "q_low", "q_high", "rounding", "classes"),
    changeable={},
    scales={"smoke": {"num_val": 4, "longest_side": 256, "epochs": 2}, "small": {}, "paper": {}},
    scale_spaces={
        "smoke": {
            "num_levels": Choice(values=(2, 5)),
            "q_low": Choice(values=(30.0,)),
            "q_high": Choice(values=(70.0, 90.0)),
            "classes": Choice(values=("top-5", "above-2")),
            "rounding": Choice(values=("keep",)),
        }
    },
    selection_metric="val/psnr_s",
    test_metric="test/psnr_s",
    baseline_name="plain JPEG",
    next_command=_compress_command,
    next_words="Compress by the best configuration",
)
