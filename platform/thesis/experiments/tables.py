"""Every table and figure that can be reproduced, by its published id."""

from collections.abc import Mapping

from thesis.experiments.evaluations import EVALUATIONS
from thesis_workloads.contract.errors import UserError
from thesis_workloads.contract.evaluation_tables import DeclaredEvaluation
from thesis_workloads.contract.overrides import nearest
from thesis_workloads.contract.tables import DeclaredMeasurement, DeclaredRuns
from thesis_workloads.systems.condensed_memory.figures import DECLARED as CONDENSED_MEMORY_FIGURES
from thesis_workloads.systems.condensed_memory.tables import DECLARED as CONDENSED_MEMORY_TABLES
from thesis_workloads.systems.highway_vqa.tables import DECLARED as HIGHWAY_VQA_TABLES
from thesis_workloads.systems.ms_roi.tables import DECLARED as COMPRESSION_TABLES
from thesis_workloads.systems.repr.analyses import DECLARED as REPR_ANALYSES
from thesis_workloads.systems.repr.detection.tables import DECLARED as DETECTION_TABLES
from thesis_workloads.systems.repr.figures import FIGURES as REPR_FIGURES
from thesis_workloads.systems.repr.tables import DECLARED as REPR_TABLES
from thesis_workloads.systems.residual_lstm.figures import DECLARED as RESIDUAL_LSTM_FIGURES
from thesis_workloads.systems.residual_lstm.tables import DECLARED as RESIDUAL_LSTM_TABLES

Declared = DeclaredRuns | DeclaredEvaluation | DeclaredMeasurement

REPRODUCTIONS: Mapping[str, Declared] = {
    **EVALUATIONS,
    **COMPRESSION_TABLES,
    **REPR_TABLES,
    **REPR_FIGURES,
    **REPR_ANALYSES,
    **RESIDUAL_LSTM_TABLES,
    **CONDENSED_MEMORY_TABLES,
    **HIGHWAY_VQA_TABLES,
    **RESIDUAL_LSTM_FIGURES,
    **CONDENSED_MEMORY_FIGURES,
    **DETECTION_TABLES,
}

# Of what the dissertation measures, what `thesis reproduce` does not know, and why.
NOT_REPRODUCED: Mapping[str, str] = {
    "figure-4.5": "it is a sweep of window, K and sigma: thesis sweep pixel-deflection",
}


def find_reproduction(name: str) -> Declared:
    """Returns the declaration of that table or figure.

    Raises:
        UserError: naming the nearest one if there is none.
    """
    if name in NOT_REPRODUCED:
        raise UserError(f"{name} can't be reproduced by one command: {NOT_REPRODUCED[name]}")
    if name not in REPRODUCTIONS:
        raise UserError(
            f"there is no table or figure {name!r}{nearest(name, list(REPRODUCTIONS))} ('thesis list' names"
            " those that can be reproduced)"
        )
    return REPRODUCTIONS[name]
