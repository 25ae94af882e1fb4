"""The attacks of who knows a defence: the battery at each strength, and those that audit it."""

from collections.abc import Sequence

from thesis_workloads.contract.evaluation import NO_DEFENSE, AdaptiveSpec, AttackSpec, DefenseSpec

BATTERY = "battery"
BINARISATION = "binarisation"
# The attacks that the audit compares: `thesis_workloads.attacks.probe_names.PROBES`.
PROBES = (
    "plain",
    "one-step",
    "steps-x2",
    "draws-x2",
    "restarts-x2",
    "noise",
    "gradient-free",
    "known-draw",
)
PROBE = "probe-"
# Inner points of the binarisation test at each scale; the published number is 999.
NUM_INNER = {"smoke": 9, "small": 99, "paper": 999}


def battery_attacks(
    defense: DefenseSpec, strengths: Sequence[AdaptiveSpec], *, seed: int
) -> dict[AdaptiveSpec, AttackSpec]:
    """Returns the battery at every strength, the smallest epsilon first.

    Each is handed what the next smaller epsilon of the same effort found, which lies in its own ball too.
    """
    found: dict[AdaptiveSpec, AttackSpec] = {}
    last: dict[tuple[int, int], AttackSpec] = {}
    for strength in sorted(strengths, key=lambda each: (each.epsilon, each.num_steps, each.num_draws)):
        effort = (strength.num_steps, strength.num_draws)
        spec = _spec(BATTERY, defense, strength, seed=seed, smaller=last.get(effort))
        found[strength] = last[effort] = spec
    return found


def audit_attacks(
    defense: DefenseSpec, strength: AdaptiveSpec, *, seed: int, num_inner: int
) -> list[AttackSpec]:
    """Returns the probes and the binarisation test of one defence."""
    probes = [_spec(f"{PROBE}{name}", defense, strength, seed=seed) for name in PROBES]
    return [*probes, _spec(BINARISATION, defense, strength, seed=seed, num_inner=num_inner)]


def _spec(
    name: str,
    defense: DefenseSpec,
    strength: AdaptiveSpec,
    *,
    seed: int,
    smaller: AttackSpec | None = None,
    num_inner: int | None = None,
) -> AttackSpec:
    is_random = defense.num_votes > 1
    parameters = {
        "epsilon": strength.epsilon,
        "num_steps": strength.num_steps,
        "is_random": is_random,
        "is_defended": defense.name != NO_DEFENSE,
        **({} if num_inner is None else {"num_inner": num_inner}),
    }
    return AttackSpec(
        name=name,
        parameters=parameters,
        seed=seed,
        defense=defense,
        num_draws=strength.num_draws if is_random else 1,
        smaller=smaller,
    )
