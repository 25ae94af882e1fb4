"""Every declared evaluation of attacks and defenses, by its published id."""

from collections.abc import Mapping

from thesis_workloads.contract.errors import UserError
from thesis_workloads.contract.evaluation_tables import DeclaredEvaluation
from thesis_workloads.contract.overrides import nearest
from thesis_workloads.systems.aug_ms_roi.tables import DECLARED as AUG_MS_ROI_TABLES
from thesis_workloads.systems.pixel_deflection.tables import DECLARED as PIXEL_DEFLECTION_TABLES

EVALUATIONS: Mapping[str, DeclaredEvaluation] = {**AUG_MS_ROI_TABLES, **PIXEL_DEFLECTION_TABLES}


def find_evaluation(name: str) -> DeclaredEvaluation:
    """Returns the declared evaluation of that name.

    Raises:
        UserError: naming the nearest one if there is none.
    """
    if name == "figure-4.5":
        raise UserError("figure-4.5 is the sweep of window, K and sigma: thesis sweep pixel-deflection")
    if name not in EVALUATIONS:
        raise UserError(
            f"there is no evaluation {name!r}{nearest(name, list(EVALUATIONS))}"
            f" (evaluations: {', '.join(EVALUATIONS)})"
        )
    return EVALUATIONS[name]
