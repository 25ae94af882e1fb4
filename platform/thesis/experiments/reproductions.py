"""Every table and figure that can be reproduced, by its published id."""

from collections.abc import Mapping

from thesis.errors import UserError
from thesis.experiments.chapter4 import EVALUATIONS
from thesis.experiments.compression_tables import DECLARED as COMPRESSION_TABLES
from thesis.experiments.condensed_memory_tables import DECLARED as CONDENSED_MEMORY_TABLES
from thesis.experiments.declared import DeclaredMeasurement, DeclaredRuns
from thesis.experiments.declared_evaluation import DeclaredEvaluation
from thesis.experiments.fields import nearest
from thesis.experiments.highway_vqa_tables import DECLARED as HIGHWAY_VQA_TABLES
from thesis.experiments.repr_figures import FIGURES as REPR_FIGURES
from thesis.experiments.repr_tables import DECLARED as REPR_TABLES
from thesis.experiments.residual_lstm_tables import DECLARED as RESIDUAL_LSTM_TABLES
from thesis.experiments.text_figures import DECLARED as TEXT_FIGURES

Declared = DeclaredRuns | DeclaredEvaluation | DeclaredMeasurement

REPRODUCTIONS: Mapping[str, Declared] = {
    **EVALUATIONS,
    **COMPRESSION_TABLES,
    **REPR_TABLES,
    **REPR_FIGURES,
    **RESIDUAL_LSTM_TABLES,
    **CONDENSED_MEMORY_TABLES,
    **HIGHWAY_VQA_TABLES,
    **TEXT_FIGURES,
}


def find_reproduction(name: str) -> Declared:
    """Returns the declaration of that table or figure.

    Raises:
        UserError: naming the nearest one if there is none.
    """
    if name not in REPRODUCTIONS:
        raise UserError(
            f"there is no table or figure {name!r}{nearest(name, list(REPRODUCTIONS))} ('thesis list' names"
            " those that can be reproduced)"
        )
    return REPRODUCTIONS[name]
