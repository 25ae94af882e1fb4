"""Every table and figure that can be reproduced, by its published id."""

from collections.abc import Mapping

from thesis_workloads.contract.errors import UserError
from thesis_workloads.contract.evaluation_tables import DeclaredEvaluation
from thesis_workloads.contract.overrides import nearest
from thesis_workloads.contract.tables import DeclaredMeasurement, DeclaredRuns
from thesis_workloads.registry import all_tables

Declared = DeclaredRuns | DeclaredEvaluation | DeclaredMeasurement

REPRODUCTIONS: Mapping[str, Declared] = all_tables()
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
