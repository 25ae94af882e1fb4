"""Every system, by name."""

from thesis.errors import UserError
from thesis.experiments.aug_msroi import AUG_MSROI
from thesis.experiments.condensed_memory import CONDENSED_MEMORY
from thesis.experiments.detection import DETECTION
from thesis.experiments.fields import nearest
from thesis.experiments.highway_vqa import HIGHWAY_VQA
from thesis.experiments.msroi import MSROI
from thesis.experiments.msroi_encoder import MSROI_ENCODER
from thesis.experiments.pixel_deflection import PIXEL_DEFLECTION
from thesis.experiments.repr import REPR
from thesis.experiments.residual_lstm import RESIDUAL_LSTM
from thesis.experiments.system import System

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
