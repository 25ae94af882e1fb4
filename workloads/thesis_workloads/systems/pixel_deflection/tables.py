"""Tables 4.1-4.11 as declared evaluations: data only.

Each names its attacks with the sizes that the dissertation prints, its defences by their names in `experiment`, and
where every printed cell is found among the measured rows.
"""

import dataclasses
from collections.abc import Mapping
from typing import Any

from thesis_workloads.contract.evaluation import CLEAN, NO_DEFENSE
from thesis_workloads.contract.evaluation_tables import Cell, DeclaredEvaluation

USUAL = {"fgsm": 0.05, "igsm": 0.03, "dfool": 0.02, "jsma": 0.02, "lbfgs": 0.02, "cw": 0.04}
_LARGE = {"fgsm": 0.12, "igsm": 0.09, "dfool": 0.08, "jsma": 0.05, "lbfgs": 0.04}
_SAMPLE = {"fgsm": 0.04, "igsm": 0.03, "dfool": 0.02, "jsma": 0.02, "lbfgs": 0.02, "cw": 0.04}
_VGG = {"fgsm": 0.05, "igsm": 0.04, "dfool": 0.01, "jsma": 0.01, "lbfgs": 0.03, "cw": 0.04}
_INCEPTION = {"fgsm": 0.05, "igsm": 0.04, "dfool": 0.02, "jsma": 0.02, "lbfgs": 0.02, "cw": 0.04}
_FOUR = {"fgsm": 0.05, "igsm": 0.03, "dfool": 0.02, "cw": 0.04}
_WINDOWS = (5, 10, 50, 100)
_GROUPS = {
    "feature-squeezing": (
        "bit-depth-2",
        "bit-depth-5",
        "median-2x2",
        "median-3x3",
        "nonlocal-mean-11-3-2",
        "nonlocal-mean-13-3-4",
        "bit-depth-5+median-2x2+nonlocal-mean-13-3-4",
    ),
    "resize-and-pad": ("pixel-padding", "pixel-resizing", "padding+resizing"),
    "quilting-and-tvm": ("quilting", "tvm+quilting", "cropping+tvm+quilting"),
    "pixel-deflection": ("pd", "pd+rcam", "pd+rcam+dct", "pd+rcam+dwt"),
}
_DENOISERS = {
    "bilateral": "pd+bilateral",
    "anisotropic": "pd+anisotropic",
    "tvm": "pd+tvm",
    "deconvolution": "pd+deconvolution",
    "wavelet": "w10",
}


def _label(attack: str, sizes: Mapping[str, float]) -> str:
    name = {"dfool": "deepfool"}.get(attack, attack)
    return name if attack == CLEAN else f"{name}@{sizes[attack]:g}"


def labels(sizes: Mapping[str, float]) -> tuple[str, ...]:
    """Returns the attacks as an evaluation names them: ``fgsm@0.05``."""
    return tuple(_label(attack, sizes) for attack in sizes)


def _by_attack(
    sizes: Mapping[str, float], columns: Mapping[str, tuple[str, str]], **row: str
) -> tuple[Cell, ...]:
    """Returns the cells of a table with a row per attack, clean images first unless it has them already."""
    attacks = [*sizes] if row.get("perturbation") == "large" else [CLEAN, *sizes]
    return tuple(
        Cell(
            row={**row, "attack": attack},
            column=column,
            attacks=(_label(attack, sizes),),
            defense=defense,
            measure=measure,
        )
        for attack in attacks
        for column, (defense, measure) in columns.items()
    )


_ACCURACY = {
    "no_defense": (NO_DEFENSE, "accuracy"),
    "single": ("pixel-deflection", "accuracy"),
    "ens10": ("pixel-deflection", "vote_accuracy"),
}
_BOTH_SCALES = ("pixel-deflection", "pixel-deflection-rgb")
_ABLATION = {
    "jpeg": "jpeg",
    "wd": "wd",
    "pd": "pd+rcam",
    "pd_jpeg": "pd+jpeg",
    "wd_pd_jpeg": "wd+pd+jpeg",
    "wd_pd": "bayes",
}
_SHRINKAGE = {name: name for name in ("hard", "visu", "sure", "bayes")}
COUNTS = {f"d{count}": f"d{count}" for count in (10, 100, 1000, 10000)}
_APOTHEMS = {f"w{window}": f"w{window}" for window in _WINDOWS}
_CHOICES = {
    "uniform": "w",
    "gaussian": "gaussian-w",
    "min": "min-w",
    "max": "max-w",
    "mean": "mean-w",
    "random": "w",
}


def _option_cells() -> tuple[Cell, ...]:
    windows = tuple(
        Cell(
            row={
                "part": "sampling" if choice in ("uniform", "gaussian") else "replacement",
                "option": choice,
            },
            column=f"w{window}",
            attacks=labels(_SAMPLE),
            defense=f"{prefix}{window}",
            measure="accuracy",
        )
        for choice, prefix in _CHOICES.items()
        for window in _WINDOWS
    )
    denoisers = tuple(
        Cell(
            row={"part": "denoising", "option": option},
            column="accuracy",
            attacks=labels(_SAMPLE),
            defense=defense,
            measure="accuracy",
        )
        for option, defense in _DENOISERS.items()
    )
    return windows + denoisers


def _accuracy_table(
    name: str, title: str, classifier: str, sizes: Mapping[str, float], stand_in: str = "efficientnet-lite0"
) -> DeclaredEvaluation:
    return DeclaredEvaluation(
        name=name,
        title=title,
        classifier=classifier,
        stand_in=stand_in,
        attacks=labels(sizes),
        defenses=_BOTH_SCALES,
        cells=_by_attack(sizes, _ACCURACY),
    )


_EVALUATIONS = (
    DeclaredEvaluation(
        name="table-4.1",
        title="Six attacks, at usual and at larger perturbation",
        classifier="resnet-50",
        attacks=(*labels(USUAL), *labels(_LARGE)),
        defenses=_BOTH_SCALES,
        cells=(
            *_by_attack(USUAL, _ACCURACY, perturbation="usual"),
            *_by_attack(_LARGE, _ACCURACY, perturbation="large"),
        ),
    ),
    _accuracy_table("table-4.2", "A larger sample", "resnet-50", _SAMPLE),
    _accuracy_table("table-4.3", "ResNet-50", "resnet-50", USUAL),
    _accuracy_table("table-4.4", "VGG-19", "vgg-19", _VGG, "efficientnet-lite1"),
    _accuracy_table("table-4.5", "Inception-v3", "inception-v3", _INCEPTION, "efficientnet-lite2"),
    DeclaredEvaluation(
        name="table-4.6",
        title="Destruction rate of transformation defences",
        classifier="resnet-50",
        attacks=labels(_FOUR),
        defenses=tuple(name for names in _GROUPS.values() for name in names),
        cells=tuple(
            Cell(
                row={"group": group, "defense": defense},
                column=attack,
                attacks=(_label(attack, _FOUR),),
                defense=defense,
                measure="vote_destruction",
                factor=1.0,
            )
            for group, names in _GROUPS.items()
            for defense in names
            for attack in _FOUR
        ),
    ),
    DeclaredEvaluation(
        name="table-4.7",
        title="JPEG, wavelet denoising and deflection, alone and combined",
        classifier="resnet-50",
        attacks=labels(USUAL),
        defenses=tuple(_ABLATION.values()),
        cells=_by_attack(USUAL, {key: (name, "vote_accuracy") for key, name in _ABLATION.items()}),
    ),
    DeclaredEvaluation(
        name="table-4.8",
        title="Rules for the threshold of wavelet coefficients",
        classifier="resnet-50",
        attacks=labels(USUAL),
        defenses=(*_SHRINKAGE.values(), "bayes-db2", "bayes-haar"),
        cells=_by_attack(USUAL, {key: (name, "vote_accuracy") for key, name in _SHRINKAGE.items()}),
    ),
    DeclaredEvaluation(
        name="table-4.9",
        title="Accuracy against the number of deflections",
        classifier="resnet-50",
        attacks=labels(_SAMPLE),
        defenses=tuple(COUNTS.values()),
        cells=_by_attack(
            _SAMPLE,
            {"no_defense": (NO_DEFENSE, "accuracy"), **{k: (n, "accuracy") for k, n in COUNTS.items()}},
        ),
    ),
    DeclaredEvaluation(
        name="table-4.10",
        title="Accuracy against the window",
        classifier="resnet-50",
        attacks=labels(_SAMPLE),
        defenses=tuple(_APOTHEMS.values()),
        cells=_by_attack(
            _SAMPLE,
            {"no_defense": (NO_DEFENSE, "accuracy"), **{k: (n, "accuracy") for k, n in _APOTHEMS.items()}},
        ),
    ),
    DeclaredEvaluation(
        name="table-4.11",
        title="Sampling, replacement and denoiser, mean over six attacks",
        classifier="resnet-50",
        attacks=labels(_SAMPLE),
        defenses=tuple(dict.fromkeys(cell.defense for cell in _option_cells())),
        cells=_option_cells(),
    ),
)
_BY_NAME = {each.name: each for each in _EVALUATIONS}


def _time(defense: str, words: str) -> Cell:
    row = {"defense": words}
    measure = "seconds_a_draw"
    return Cell(
        row=row,
        column="defense_time",
        attacks=(CLEAN,),
        defense=defense,
        measure=measure,
        factor=1.0,
        is_quantity=True,
    )


def accuracy_quantity(defense: str, attacks: tuple[str, ...], measure: str, **row: Any) -> Cell:
    """Returns a number that claims need and no table prints: an accuracy, %."""
    return Cell(
        row=row, column="accuracy", attacks=attacks, defense=defense, measure=measure, is_quantity=True
    )


_QUANTITIES: Mapping[str, tuple[Cell, ...]] = {
    # Each with the classification of what it defended.
    "table-4.6": (_time("pd+rcam+dwt", "pd+rcam+dwt"), _time("tvm+quilting", "quilting+tvm")),
    "table-4.8": tuple(
        accuracy_quantity(defense, _BY_NAME["table-4.8"].attacks, "vote_accuracy", wavelet=wavelet)
        for wavelet, defense in (("db1", "bayes"), ("db2", "bayes-db2"), ("haar", "bayes-haar"))
    ),
}

DECLARED: Mapping[str, DeclaredEvaluation] = {
    name: dataclasses.replace(each, cells=(*each.cells, *_QUANTITIES.get(name, ())))
    for name, each in _BY_NAME.items()
}
