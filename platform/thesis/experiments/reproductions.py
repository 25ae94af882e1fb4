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
from thesis.experiments.repr_analyses import DECLARED as REPR_ANALYSES
from thesis.experiments.repr_figures import FIGURES as REPR_FIGURES
from thesis.experiments.repr_regime import STUDY as REPR_STUDY
from thesis.experiments.repr_tables import DECLARED as REPR_TABLES
from thesis.experiments.residual_lstm_tables import DECLARED as RESIDUAL_LSTM_TABLES
from thesis.experiments.text_figures import DECLARED as TEXT_FIGURES

Declared = DeclaredRuns | DeclaredEvaluation | DeclaredMeasurement

REPRODUCTIONS: Mapping[str, Declared] = {
    **EVALUATIONS,
    **COMPRESSION_TABLES,
    **REPR_TABLES,
    **REPR_FIGURES,
    **REPR_ANALYSES,
    **REPR_STUDY,
    **RESIDUAL_LSTM_TABLES,
    **CONDENSED_MEMORY_TABLES,
    **HIGHWAY_VQA_TABLES,
    **TEXT_FIGURES,
}

_REASONS: Mapping[str, str] = {
    "table-2.1": "its comparison of encoders is not declared",
    "table-3.1": "its runs of guided compression before a classifier are not declared",
    "table-5.6": "its runs of ResNets on ImageNet are not declared: thesis train repr --set model=resnet-18",
    "table-5.7": "a table of samples; thesis train highway-vqa",
    "table-5.8": "its runs of RePr's features in question answering are not declared",
    "table-5.9": "its runs of detectors with RePr are not declared",
    "table-6.1": "its runs are not declared: thesis sweep highway-vqa",
    "table-7.1": "it counts published corpora that no package ships: thesis prepare, for one's own copies",
    "table-7.3": "a table of samples: every run of residual-lstm logs its own as an MLflow table",
    "figure-4.5": "it is a sweep of window, K and sigma: thesis sweep pixel-deflection",
}
# Of what the dissertation measures, what `thesis reproduce` does not know, and why.
NOT_REPRODUCED: Mapping[str, str] = {
    name: reason for name, reason in _REASONS.items() if name not in REPRODUCTIONS
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
