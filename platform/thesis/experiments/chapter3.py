"""Table 3.1 and the figures beside it as declared evaluations: data only.

The text averages over attacks that it does not name; here over the six of section 3.2, each brought to the
normalised L2 size 0.02 that section 3.5 states. Image quality is that of the decoded file against the image
that the encoder was given.
"""

from thesis.experiments.declared_evaluation import Cell, DeclaredEvaluation
from thesis.experiments.region_defenses import JPEG_QUALITIES

_ATTACKS = tuple(f"{name}@0.02" for name in ("fgsm", "igsm", "gradient", "deepfool", "jsma", "lbfgs"))
_DEFENSES = {"jpeg": "jpeg-best-q", "ms-roi": "ms-roi-jpeg", "aug-ms-roi": "aug-ms-roi-jpeg"}
_COLUMNS = {"accuracy": 100.0, "mse": 1.0, "ssim": 1.0, "psnr": 1.0}

CHAPTER_3 = (
    DeclaredEvaluation(
        name="table-3.1",
        title="Classification recovery and image quality of three JPEG-type encoders",
        classifier="resnet-50",
        paper_system="aug-ms-roi",
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
        name="figure-3.2a",
        title="Accuracy on adversarial images against the quality of plain JPEG",
        classifier="resnet-50",
        paper_system="aug-ms-roi",
        attacks=_ATTACKS,
        defenses=tuple(f"jpeg-q{quality}" for quality in JPEG_QUALITIES),
    ),
)
