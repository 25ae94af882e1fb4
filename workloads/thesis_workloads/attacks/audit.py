"""The checklist for an evaluation by an attacker who knows the defence: what must hold if its numbers mean anything.

Sources: Carlini et al., "On evaluating adversarial robustness", 2019, section 5; Athalye et al., 2018, section 3.1;
Zimmermann et al., 2022 (the binarisation test and its bar of 95 %). Evidence is the fate of every image, so attacks are
compared image by image. Standard library and `metrics.robustness` only.
"""

import itertools
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from thesis_workloads.metrics.robustness import Share

Verdict = Literal["pass", "fail", "not applicable"]
Fates = Mapping[str, bool]  # image -> whether it is still classified right
_ROUNDING = 1e-6  # of float32 at the edge of the ball
_BAR = 0.95  # of the binarisation test


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """What is known of one defence."""

    undefended: Mapping[float, Fates]  # by epsilon, under the same budget
    defended: Mapping[float, Fates]  # by epsilon, the vote under the whole battery
    probes: Mapping[str, Fates]  # by probe, the vote at one epsilon
    plain_single: Fates  # one draw of the defence under the plain attack
    known_single: Fates  # the same draw under the attack that knows it
    binarisation: Mapping[str, str]  # image -> found, missed or invalid
    excess: float  # how far a value of any attacked image left the ball or the bounds
    is_random: bool
    has_gradient: bool


@dataclass(frozen=True, kw_only=True)
class Check:
    """One line of the checklist."""

    name: str
    verdict: Verdict
    numbers: str  # what was found, in a few words


def audit(evidence: Evidence) -> list[Check]:
    """Returns the checklist, always the same lines in the same order."""
    lines = []
    for name, check in CHECKS.items():
        holds, numbers = check(evidence)
        verdict: Verdict = "not applicable" if holds is None else "pass" if holds else "fail"
        lines.append(Check(name=name, verdict=verdict, numbers=numbers))
    return lines


Finding = tuple[bool | None, str]  # whether it holds, None where it does not apply; the numbers


def _undefended(evidence: Evidence) -> Finding:
    if not evidence.undefended:
        return None, "the undefended network was not attacked"
    epsilon = max(evidence.undefended)
    share = _share(evidence.undefended[epsilon])
    return share.hits == 0, f"{share.hits} of {share.total} right at {255 * epsilon:.3g}/255"


def _falls_to_zero(evidence: Evidence) -> Finding:
    if len(evidence.defended) < 2:
        return None, "one epsilon only"
    counts = {epsilon: _share(fates).hits for epsilon, fates in sorted(evidence.defended.items())}
    curve = ", ".join(f"{255 * epsilon:.3g}: {count}" for epsilon, count in counts.items())
    values = list(counts.values())
    # The defender's draws may turn a vote back; more than a twentieth of the images is no such accident.
    slack = max(len(fates) for fates in evidence.defended.values()) / 20 if evidence.is_random else 0
    falls = all(later <= earlier + slack for earlier, later in itertools.pairwise(values))
    return falls and values[-1] == 0, f"images right by epsilon x 255: {curve}"


def _unchanged_by(probe: str) -> Callable[[Evidence], Finding]:
    def check(evidence: Evidence) -> Finding:
        pair = _pair(evidence, "plain", probe)
        if pair is None or not evidence.has_gradient or (probe == "draws-x2" and not evidence.is_random):
            return None, "nothing to double"
        base, stronger = (_share(fates) for fates in pair)
        low, high = base.interval()
        interval = f"interval {100 * low:.0f} to {100 * high:.0f} %"
        text = f"{base.hits} of {base.total} right before, {stronger.hits} after; {interval}"
        return stronger.total > 0 and stronger.value >= low, text

    return check


def _no_worse_than(weaker: str) -> Callable[[Evidence], Finding]:
    def check(evidence: Evidence) -> Finding:
        pair = _pair(evidence, "plain", weaker)
        if pair is None or not evidence.has_gradient:
            return None, "no gradient to compare"
        return _beats(*pair, is_random=evidence.is_random)

    return check


def _known_draw(evidence: Evidence) -> Finding:
    if not evidence.is_random or not evidence.has_gradient or not evidence.known_single:
        return None, "the defence draws nothing" if not evidence.is_random else "no gradient"
    return _beats(evidence.known_single, evidence.plain_single, is_random=True)


def _binarisation(evidence: Evidence) -> Finding:
    outcomes = list(evidence.binarisation.values())
    valid = [outcome for outcome in outcomes if outcome in ("found", "missed")]
    if not valid:
        return None, f"no planted success held ({len(outcomes)} images)"
    found = valid.count("found")
    text = f"{found} of {len(valid)} planted successes found, {len(outcomes) - len(valid)} invalid"
    return found >= _BAR * len(valid), text


def _held(evidence: Evidence) -> Finding:
    return evidence.excess <= _ROUNDING, f"largest excess {evidence.excess:.1e}"


CHECKS: Mapping[str, Callable[[Evidence], Finding]] = {
    "the undefended network reaches zero": _undefended,
    "accuracy falls to zero with epsilon": _falls_to_zero,
    "twice the steps change no more than the interval": _unchanged_by("steps-x2"),
    "twice the restarts change no more than the interval": _unchanged_by("restarts-x2"),
    "twice the draws change no more than the interval": _unchanged_by("draws-x2"),
    "many steps beat a single one": _no_worse_than("one-step"),
    "the gradient beats gradient-free attacks": _no_worse_than("gradient-free"),
    "the gradient beats random noise": _no_worse_than("noise"),
    "a known draw is no harder than an unknown one": _known_draw,
    "the binarisation test's planted success is found": _binarisation,
    "bounds and epsilon are held": _held,
}


def _pair(evidence: Evidence, *names: str) -> tuple[Fates, Fates] | None:
    """Returns two probes' fates of the images that both have."""
    first, second = (evidence.probes.get(name, {}) for name in names)
    both = [image for image in first if image in second]
    return ({i: first[i] for i in both}, {i: second[i] for i in both}) if both else None


def _beats(strong: Fates, weak: Fates, *, is_random: bool) -> Finding:
    """Returns whether the strong attack leaves no more images right than the weak one.

    Behind a random defence one standard error of the paired difference is allowed for.
    """
    shared = [image for image in strong if image in weak]
    only_strong = sum(
        strong[image] and not weak[image] for image in shared
    )  # right under the strong one alone
    only_weak = sum(weak[image] and not strong[image] for image in shared)
    slack = math.sqrt(only_strong + only_weak) if is_random else 0.0
    hits = sum(strong[image] for image in shared), sum(weak[image] for image in shared)
    return only_strong - only_weak <= slack, f"{hits[0]} against {hits[1]} of {len(shared)} right"


def _share(fates: Fates) -> Share:
    return Share(hits=sum(fates.values()), total=len(fates))
