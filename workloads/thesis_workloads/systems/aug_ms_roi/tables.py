"""Table 3.1 and the figures next to it as declared evaluations: data only.

The dissertation averages over attacks that it does not name; here over the six of section 3.2, each brought to the
normalised L2 size 0.02 that section 3.5 states. Image quality is that of the decoded file against the image
that the encoder was given.
"""

import dataclasses
from collections.abc import Mapping
from typing import Any

from thesis_workloads.contract.evaluation import CLEAN, NO_DEFENSE
from thesis_workloads.contract.evaluation_tables import Cell, DeclaredEvaluation
from thesis_workloads.systems.aug_ms_roi.jpeg_defenses import JPEG_QUALITIES

_ATTACKS = tuple(f"{name}@0.02" for name in ("fgsm", "igsm", "gradient", "deepfool", "jsma", "lbfgs"))
_DEFENSES = {"jpeg": "jpeg-best-q", "ms-roi": "ms-roi-jpeg", "aug-ms-roi": "aug-ms-roi-jpeg"}
_COLUMNS = {"accuracy": 100.0, "mse": 1.0, "ssim": 1.0, "psnr": 1.0}
# What the claims call the attacks.
_NAMES = dict(zip(("fgsm", "igsm", "ga", "dfool", "jsma", "lbfgs"), _ATTACKS, strict=True))
# The dissertation's axis has no numbers: the best quality as set, and the least that figure 3.2a has.
_STRENGTHS = {"none": NO_DEFENSE, "medium": "jpeg-best-q", "extreme": f"jpeg-q{JPEG_QUALITIES[0]}"}


def _accuracy(defense: str, attacks: tuple[str, ...], **row: Any) -> Cell:
    return Cell(
        row=row, column="accuracy", attacks=attacks, defense=defense, measure="accuracy", is_quantity=True
    )


# What claims need and no table prints.
_QUANTITIES: Mapping[str, tuple[Cell, ...]] = {
    "figure-3.2a": tuple(
        _accuracy(defense, _ATTACKS, method="jpeg", strength=strength)
        for strength, defense in _STRENGTHS.items()
    ),
    "figure-3.6": tuple(
        _accuracy(defense, (attack,), method=method, attack=name)
        for name, attack in {**_NAMES, CLEAN: CLEAN}.items()
        for method, defense in {**_DEFENSES, "none": NO_DEFENSE}.items()
    ),
}
_EVALUATIONS = (
    DeclaredEvaluation(
        name="table-3.1",
        title="Classification recovery and image quality of three JPEG-type encoders",
        classifier="resnet-50",
        system="aug-ms-roi",
        attacks=_ATTACKS,
        defenses=tuple(_DEFENSES.values()),
        cells=tuple(
            Cell(
                row={"method": method},
                column=column,
                attacks=_ATTACKS,
                defense=defense,
                measure=column,
                factor=factor,
            )
            for method, defense in _DEFENSES.items()
            for column, factor in _COLUMNS.items()
        ),
    ),
    DeclaredEvaluation(
        name="figure-3.6",
        title="Accuracy under each attack behind three JPEG-type encoders",
        classifier="resnet-50",
        system="aug-ms-roi",
        attacks=_ATTACKS,
        defenses=tuple(_DEFENSES.values()),
    ),
    DeclaredEvaluation(
        name="figure-3.2a",
        title="Accuracy on adversarial images against the quality of plain JPEG",
        classifier="resnet-50",
        system="aug-ms-roi",
        attacks=_ATTACKS,
        defenses=(*(f"jpeg-q{quality}" for quality in JPEG_QUALITIES), "jpeg-best-q"),
    ),
)

DECLARED: Mapping[str, DeclaredEvaluation] = {
    each.name: dataclasses.replace(each, cells=(*each.cells, *_QUANTITIES.get(each.name, ())))
    for each in _EVALUATIONS
}
