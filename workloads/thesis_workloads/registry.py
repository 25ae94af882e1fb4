"""Every system, by name."""

from thesis_workloads.contract.errors import UserError
from thesis_workloads.contract.experiment import System
from thesis_workloads.contract.overrides import nearest
from thesis_workloads.systems.aug_ms_roi.experiment import AUG_MSROI
from thesis_workloads.systems.condensed_memory.experiment import CONDENSED_MEMORY
from thesis_workloads.systems.highway_vqa.experiment import HIGHWAY_VQA
from thesis_workloads.systems.ms_roi.encoder_experiment import MSROI_ENCODER
from thesis_workloads.systems.ms_roi.experiment import MSROI
from thesis_workloads.systems.pixel_deflection.experiment import PIXEL_DEFLECTION
from thesis_workloads.systems.repr.detection.experiment import DETECTION
from thesis_workloads.systems.repr.experiment import REPR
from thesis_workloads.systems.residual_lstm.experiment import RESIDUAL_LSTM

SYSTEMS: dict[str, System] = {
    "repr": REPR,
    "detection": DETECTION,
    "condensed-memory": CONDENSED_MEMORY,
    "residual-lstm": RESIDUAL_LSTM,
    "pixel-deflection": PIXEL_DEFLECTION,
    "msroi": MSROI,
    "msroi-encoder": MSROI_ENCODER,
    "aug-msroi": AUG_MSROI,
    "highway-vqa": HIGHWAY_VQA,
}

# What `thesis sweep` means by a name, where that is not the system of that name: one trains MS-ROI's network, and
# sweeps the encoder that its maps are for.
_SWEPT = {"msroi": "msroi-encoder", "msroi-network": "msroi"}


def find_swept(name: str) -> System:
    """Returns the system that a sweep of that name is about.

    Raises:
        UserError: naming the nearest one if there is none.
    """
    return find_system(_SWEPT.get(name, name))


def find_system(name: str) -> System:
    """Returns the system of that name.

    Raises:
        UserError: naming the nearest one if there is none.
    """
    if name not in SYSTEMS:
        raise UserError(
            f"there is no system {name!r}{nearest(name, list(SYSTEMS))} (systems: {', '.join(SYSTEMS)})"
        )
    return SYSTEMS[name]
