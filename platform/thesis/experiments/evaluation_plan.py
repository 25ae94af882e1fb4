"""What the command line asks for, made a complete evaluation plan."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from thesis.experiments.defenses import DEFENSES
from thesis.experiments.evaluations import find_evaluation
from thesis_workloads.contract.errors import UserError
from thesis_workloads.contract.evaluation import AdaptiveSpec, DefenseSpec, parse_attacks, parse_defenses
from thesis_workloads.contract.evaluation_plan import EvaluationPlan
from thesis_workloads.contract.overrides import nearest
from thesis_workloads.systems.aug_ms_roi.config import RegionDefenseConfig
from thesis_workloads.systems.pixel_deflection.config import PixelDeflectionConfig
from thesis_workloads.systems.pixel_deflection.experiment import (
    ADAPTIVE,
    ADAPTIVE_CURVES,
    ATTACK_SETTINGS,
    AUDIT,
    SCALES,
)

DEFAULT_CLASSIFIER = "efficientnet-lite0"
_PARTS = ("all", "val", "test")
_ATTACKS = ("fgsm@0.02", "igsm@0.02", "deepfool", "cw")
_DEFENSES = {
    "pixel-deflection": ("pixel-deflection", "pixel-deflection-rgb"),
    "aug-ms-roi": ("jpeg-best-q", "ms-roi-jpeg", "aug-ms-roi-jpeg"),
}
# Which defences the settings of a system are settings of, and their type.
_KINDS = {"pixel-deflection": "deflection", "aug-ms-roi": "regions"}
CONFIGS = {"pixel-deflection": PixelDeflectionConfig, "aug-ms-roi": RegionDefenseConfig}


@dataclass(frozen=True, kw_only=True)
class Request:
    """The options of ``thesis evaluate``; what is empty or None is the declared or the scale's."""

    system: str = "pixel-deflection"  # or aug-ms-roi
    table: str = ""
    attacks: tuple[str, ...] = ()
    defenses: tuple[str, ...] = ()
    classifier: str = ""  # empty: the stand-in that the table names, else the default
    weights: str = ""
    images: str = "shipped"
    labels: str = ""
    part: str = "all"
    max_images: int | None = None
    chunk_size: int | None = None
    overrides: Mapping[str, Any] = field(default_factory=dict)  # of every defence of the system
    own_defenses: Mapping[str, DefenseSpec] = field(
        default_factory=dict
    )  # the user's, by the name in `defenses`
    is_adaptive: bool = True
    is_audited: bool = False  # always where the table has curves
    seed: int = 0
    scale: str = "small"


def make_evaluation(request: Request) -> EvaluationPlan:
    """Returns the checked plan.

    Raises:
        UserError: naming the option, the value found and what would do.
    """
    _check(request)
    declared = find_evaluation(request.table) if request.table else None
    attacks = request.attacks or (declared.attacks if declared else _ATTACKS)
    defenses = request.defenses or (declared.defenses if declared else _DEFENSES[request.system])
    sizes = SCALES[request.scale]
    specs = parse_defenses(
        defenses,
        {
            **{name: _scaled(spec, sizes["num_patches"]) for name, spec in DEFENSES.items()},
            **request.own_defenses,
        },
        overrides={key: value for key, value in request.overrides.items() if key != "seed"},
        num_votes=sizes["num_votes"],
        kind=_KINDS[request.system],
    )
    is_audited = request.is_adaptive and (request.is_audited or bool(declared and declared.has_curves))
    return EvaluationPlan(
        scale=request.scale,
        classifier=request.classifier or (declared.stand_in if declared else DEFAULT_CLASSIFIER),
        weights=request.weights,
        images=request.images,
        labels=request.labels,
        part=request.part,
        max_images=sizes["max_images"] if request.max_images is None else request.max_images,
        chunk_size=request.chunk_size or sizes["chunk_size"],
        attacks=parse_attacks(attacks, ATTACK_SETTINGS[request.scale]),
        defenses=specs,
        adaptive=_strengths(request, has_curves=is_audited),
        adaptive_seeds=sizes["adaptive_seeds"],
        seed=request.seed,
        table=request.table,
        audit=AUDIT[request.scale] if is_audited else None,
    )


def _strengths(request: Request, *, has_curves: bool) -> tuple[AdaptiveSpec, ...]:
    if not request.is_adaptive:
        return ()
    return (ADAPTIVE[request.scale], *(ADAPTIVE_CURVES[request.scale] if has_curves else ()))


def _scaled(spec: DefenseSpec, num_patches: int) -> DefenseSpec:
    import dataclasses

    return dataclasses.replace(spec, num_patches=num_patches) if spec.num_patches else spec


def _check(request: Request) -> None:
    if request.is_audited and not request.is_adaptive:
        raise UserError("--audit must have an attacker to audit, got --no-adaptive; leave that out")
    for option, value, allowed in (
        ("the system", request.system, tuple(CONFIGS)),
        ("--scale", request.scale, tuple(SCALES)),
        ("--part", request.part, _PARTS),
    ):
        if value not in allowed:
            raise UserError(
                f"{option} must be one of {', '.join(allowed)}, got {value!r}{nearest(value, allowed)}"
            )
