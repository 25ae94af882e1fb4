"""Every declared evaluation of attacks and defenses, by its published id."""

from collections.abc import Mapping

from thesis.experiments.tables import NOT_REPRODUCED, REPRODUCTIONS
from thesis_workloads.contract.errors import UserError
from thesis_workloads.contract.evaluation_tables import DeclaredEvaluation
from thesis_workloads.contract.overrides import nearest

EVALUATIONS: Mapping[str, DeclaredEvaluation] = {
    name: declared for name, declared in REPRODUCTIONS.items() if isinstance(declared, DeclaredEvaluation)
}


def find_evaluation(name: str) -> DeclaredEvaluation:
    """Returns the declared evaluation of that name.

    Raises:
        UserError: naming the nearest one if there is none.
    """
    if name in NOT_REPRODUCED:
        raise UserError(f"{name} is no evaluation: {NOT_REPRODUCED[name]}")
    if name not in EVALUATIONS:
        raise UserError(
            f"there is no evaluation {name!r}{nearest(name, list(EVALUATIONS))}"
            f" (evaluations: {', '.join(EVALUATIONS)})"
        )
    return EVALUATIONS[name]
