"""An evaluation of attacks and defences, completely resolved before anything starts."""

import dataclasses
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from thesis_workloads.contract.errors import UserError
from thesis_workloads.contract.overrides import nearest

# Attacks with an epsilon, and whether they run for a given number of steps.
WITH_EPSILON: Mapping[str, bool] = {
    "fgsm": False,
    "igsm": True,
    "gradient": False,
    "pgd": True,
    "pgd-l2": True,
    "apgd-ce": True,
    "apgd-dlr": True,
    "square": False,
}
CLEAN = "clean"
NO_DEFENSE = "none"


@dataclass(frozen=True, kw_only=True)
class DefenseSpec:
    """One defence with its settings."""

    name: str
    kind: Literal["none", "deflection", "rival", "regions", "own"]
    # of PixelDeflectionConfig for deflection, of RegionDefenseConfig for regions
    settings: Mapping[str, Any] = field(default_factory=dict)
    rival: str = ""  # name in thesis_workloads.defenses.catalog; file.py:function of the user's own
    num_votes: int = 10  # draws; 1 for a defence without randomness
    num_patches: int = 0  # of the bank, for quilting
    # What an attacker who knows it differentiates; auto: its own gradient and BPDA, where each exists.
    gradient: Literal["auto", "bpda", "true"] = "auto"


@dataclass(frozen=True, kw_only=True)
class AdaptiveSpec:
    """How strong an attacker who knows the defence is: the effort of a plain member of the battery.

    `thesis_workloads.attacks.battery.MEMBERS` says what multiple of it each member takes.
    """

    epsilon: float  # largest change of a value, images in 0..1
    num_steps: int
    num_draws: int  # draws of the defence that each step averages


@dataclass(frozen=True, kw_only=True)
class AttackSpec:
    """One attack with its parameters: what makes an adversarial set, the images and classifier apart."""

    name: str  # in thesis_workloads.attacks.catalog, or clean
    parameters: Mapping[str, Any] = field(default_factory=dict)
    l2: float | None = None  # normalised L2 size that it is brought to; None leaves it to the attack
    epsilon: float | None = None  # asked for by name; it is among the parameters too
    seed: int = 0
    defense: DefenseSpec | None = None  # the defence that the attacker knows
    num_draws: int = 1
    smaller: "AttackSpec | None" = None  # of a smaller epsilon, whose images this one begins with

    @property
    def label(self) -> str:
        """A short name, unique within an evaluation."""
        if self.defense is not None:
            epsilon = self.parameters["epsilon"]
            kind = "adaptive" if self.name == "battery" else f"audit:{self.name}"
            effort = f"e{epsilon:g}:k{self.parameters['num_steps']}:n{self.num_draws}"
            return f"{kind}:{self.defense.name}:{effort}:s{self.seed}"
        if self.epsilon is not None:
            return f"{self.name}:{self.epsilon:.4g}"
        return self.name if self.l2 is None else f"{self.name}@{self.l2:g}"


def parse_attacks(texts: Sequence[str], settings: Mapping[str, Mapping[str, Any]]) -> tuple[AttackSpec, ...]:
    """Reads ``name``, ``name@|L2|`` and ``name:epsilon``; clean images always come first.

    Raises:
        UserError: naming the nearest attack where there is none of that name.
    """
    attacks = {CLEAN: AttackSpec(name=CLEAN)}
    for text in texts:
        name, at, size = text.strip().partition("@")
        name, colon, epsilon = name.partition(":")
        if name == CLEAN:
            continue
        if name not in settings:
            raise UserError(
                f"there is no attack {name!r}{nearest(name, list(settings))} (attacks: {', '.join(settings)})"
            )
        if colon:
            spec = _with_epsilon(name, settings[name], _epsilon(text, epsilon))
        else:
            spec = AttackSpec(name=name, parameters=settings[name], l2=_size(text, size) if at else None)
        attacks[spec.label] = spec
    return tuple(attacks.values())


def parse_defenses(
    texts: Sequence[str],
    catalog: Mapping[str, DefenseSpec],
    *,
    overrides: Mapping[str, Any],
    num_votes: int,
    kind: str = "deflection",
) -> tuple[DefenseSpec, ...]:
    """Reads names of defences; none at all always comes first.

    ``overrides`` change the settings of those of that ``kind``. A defence that votes at all, votes over
    ``num_votes`` draws.

    Raises:
        UserError: naming the nearest defence where there is none of that name.
    """
    chosen = dict.fromkeys([NO_DEFENSE, *(text.strip() for text in texts)])
    unknown = [name for name in chosen if name not in catalog]
    if unknown:
        raise UserError(
            f"there is no defence {unknown[0]!r}{nearest(unknown[0], list(catalog))}"
            f" (defences: {', '.join(catalog)})"
        )
    return tuple(
        with_settings(
            catalog[name],
            overrides=overrides if catalog[name].kind == kind else {},
            num_votes=num_votes,
        )
        for name in chosen
    )


def with_settings(spec: DefenseSpec, *, overrides: Mapping[str, Any], num_votes: int) -> DefenseSpec:
    """Returns a defence with other settings, and as many draws as the plan allows."""
    settings = {**spec.settings, **overrides}
    return dataclasses.replace(spec, settings=settings, num_votes=min(spec.num_votes, num_votes))


def _with_epsilon(name: str, settings: Mapping[str, Any], epsilon: float) -> AttackSpec:
    """Returns an attack that spends a whole epsilon, as one brought to a size does."""
    if name not in WITH_EPSILON:
        raise UserError(
            f"{name} looks for the smallest change and takes no epsilon; {name}@0.02 brings it to a size"
            f" (with epsilon: {', '.join(WITH_EPSILON)})"
        )
    to_the_end = {"early_stop": False} if WITH_EPSILON[name] else {}
    return AttackSpec(name=name, parameters={**settings, **to_the_end, "epsilon": epsilon}, epsilon=epsilon)


def _epsilon(text: str, written: str) -> float:
    above, _, below = written.partition("/")
    try:
        value = float(above) / float(below or 1)
    except (ValueError, ZeroDivisionError):
        value = 0.0
    if not 0 < value < math.inf:
        raise UserError(
            f"the epsilon behind : must be a positive number or fraction, got {text!r}; e.g. pgd:4/255"
        )
    return value


def _size(text: str, size: str) -> float:
    try:
        value = float(size)
    except ValueError:
        value = 0.0
    if not 0 < value < 1:
        raise UserError(
            f"the size behind @ must be a normalised L2 within 0..1, got {text!r}; e.g. fgsm@0.02"
        )
    return value
