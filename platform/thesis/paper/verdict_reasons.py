"""Why a claim has its verdict, in one sentence."""

from collections.abc import Sequence

from thesis.paper.jackknife import Estimate
from thesis.paper.judged_comparisons import VERDICTS, Finding, Verdict
from thesis.results.keys import words


def reason(findings: Sequence[Finding], verdict: Verdict, mean_margin: Estimate | None) -> str:
    """Returns the counts of the comparisons with the most telling one, or what could not be measured."""
    if len(findings) == 1 or verdict == "not run":
        return _sentence(findings[0].why)
    measured = [finding for finding in findings if finding.verdict != "not run"]
    covered = "" if len(measured) == len(findings) else f" ({_missing(findings)})"
    telling = _most_telling(measured, verdict)
    place = words(telling.combination) or telling.text
    if len(measured) == 1:
        return _sentence(f"{place}: {telling.why}{covered}")
    if verdict == "holds":
        every = "all measured" if covered else "all"
        return _sentence(f"{every} {len(measured)} comparisons hold{covered}")
    counts = [(kind, sum(finding.verdict == kind for finding in measured)) for kind in VERDICTS]
    summary = ", ".join(_counted(kind, count) for kind, count in counts if count)
    return _sentence(
        f"of {len(measured)} comparisons{covered}: {summary}; e.g. {place}: {telling.why}"
        f"{_mean_words(mean_margin)}"
    )


def _most_telling(measured: Sequence[Finding], verdict: Verdict) -> Finding:
    candidates = [
        *(finding for finding in measured if finding.is_refuted),
        *(finding for finding in measured if finding.verdict == verdict),
        *(finding for finding in measured if finding.verdict != "holds"),
        *measured,
    ]
    return candidates[0]


def _missing(findings: Sequence[Finding]) -> str:
    missing = [finding for finding in findings if finding.verdict == "not run"]
    return f"{len(findings) - len(missing)} of {len(findings)} can be judged here; {missing[0].why}"


def _mean_words(mean_margin: Estimate | None) -> str:
    if mean_margin is None:
        return ""
    low, high = mean_margin.interval()
    return f"; the mean margin of all is {mean_margin.value:.4g} [{low:.4g}, {high:.4g}]"


def _counted(verdict: Verdict, count: int) -> str:
    plural = {"holds": "hold", "does not hold": "do not hold"}.get(verdict, verdict)
    return f"{count} {verdict if count == 1 else plural}"


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."
