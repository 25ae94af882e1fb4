"""Evidence in words: the same in the terminal, in Markdown and on the page."""

import math

from thesis.paper.evidence import Evidence
from thesis.paper.power import MAX_SAMPLES


def evidence_words(evidence: Evidence) -> str:
    """Returns the effect with its interval, and what it leaves open: "undecided" never stands alone."""
    parts = [effect_words(evidence), *_size_words(evidence)]
    if evidence.estimate.is_random and not is_decided(evidence):
        parts += power_words(evidence)
    return "; ".join(parts)


def is_decided(evidence: Evidence) -> bool:
    """True if the comparison is shown to be true or false at the level of a single test."""
    return min(evidence.p_for, evidence.p_against) <= 0.05


def effect_words(evidence: Evidence) -> str:
    """Returns ``margin 0.4 [-0.2, 1] over 5 seeds``."""
    found, test = evidence.estimate, evidence.comparison.test
    text = f"{found.value:.4g}, exact"
    if found.num_samples:
        low, high = found.interval()
        text = f"{found.value:.4g} [{low:.4g}, {high:.4g}] over {found.num_samples} {found.unit}s"
    if "within" in test:
        return f"deviation {text}, allowed ±{float(evidence.comparison.tolerance):g}{_prediction(evidence)}"
    return f"{'difference' if test == 'zero' else 'margin'} {text}"


def power_words(evidence: Evidence) -> list[str]:
    """Returns the effect that this many samples detect and how many the published difference needs."""
    found, words = evidence.estimate, []
    if evidence.detectable is not None:
        words.append(
            f"sd {short(found.deviation)}: {found.num_samples} {found.unit}s detect"
            f" {short(evidence.detectable)} in 80 % of cases"
        )
    else:
        words.append(f"{found.num_samples} {found.unit}s show no spread")
    return [*words, *filter(None, [needed_words(evidence)])]


def needed_words(evidence: Evidence) -> str:
    """Returns the number of samples the published difference needs; without one, or excluded, the measured one."""
    planned = evidence.planned
    if planned is None:
        return ""
    number = f"more than {MAX_SAMPLES}" if math.isinf(planned) else f"{planned:g}"
    needs = f"needs {number} {evidence.estimate.unit}s"
    if evidence.is_published_planned and evidence.published is not None:
        return f"the published {short(evidence.published)} {needs}"
    return f"a difference as measured {needs}"


def short(value: float) -> str:
    """Returns a number with three digits, without an exponent where it is large."""
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _prediction(evidence: Evidence) -> str:
    if not evidence.comparison.is_printed_value or not evidence.judged.is_random:
        return ""
    low, high = evidence.judged.interval()
    return f"; one more run would deviate by [{low:.4g}, {high:.4g}]"


def _size_words(evidence: Evidence) -> list[str]:
    words = []
    low, high = evidence.estimate.interval()
    if evidence.is_published_excluded and evidence.published is not None:
        end = f"at most {short(high)}" if evidence.published > high else f"at least {short(low)}"
        words.append(f"the published {short(evidence.published)} is excluded: {end}")
    if evidence.is_equivalent:
        words.append(f"equal within ±{evidence.smallest_difference:g}")
    return words
