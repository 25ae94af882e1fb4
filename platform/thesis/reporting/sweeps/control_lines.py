"""A sweep's controls compared with its method, in sentences."""

from collections.abc import Mapping

from thesis.reporting.drawing.labels import format_interval, is_fraction, metric_words, settings_text
from thesis.reporting.sweeps.ranking import RankedRow, Ranking
from thesis_workloads.contract.controls import Control


def control_lines(
    ranking: Ranking, *, method_name: str, baseline_name: str, controls: Mapping[str, Control]
) -> list[str]:
    """Returns the gains of method and controls over the baseline, and the controls' share of the method's gain.

    Gains are of the test metric after the last epoch, paired by seed; a control that reads the baseline's best epoch
    is what its name says.
    """
    best = ranking.best
    shown = [row for row in ranking.controls if row.test_gain is not None]
    if best is None or best.test_gain is None or not shown:
        return []
    others = [row for row in shown if not _in_place(row, controls)]
    text = f"{_gains(method_name, best, ranking)} over {baseline_name}"
    if others:
        text += "; " + ", ".join(f"{row.control} {_gain(row, ranking)}" for row in others)
    return [f"{text}.", *_shares(ranking, best, shown, controls, method_name)]


def _shares(
    ranking: Ranking,
    best: RankedRow,
    shown: list[RankedRow],
    controls: Mapping[str, Control],
    method_name: str,
) -> list[str]:
    """Returns a sentence per gain of the method; none where it gains nothing."""
    assert best.test_gain is not None
    if (best.test_gain.mean > 0) != ranking.higher_is_better:
        return []
    by_whole: dict[str, list[str]] = {}
    for row in shown:
        if not (words := _in_place(row, controls)):
            continue
        # The method's row with the settings that the control has, so that one thing differs.
        same = [each for each in ranking.rows if each.is_candidate and each.settings == row.settings]
        whole = same[0] if same and same[0].test_gain is not None else best
        where = "" if whole is best else f" at {settings_text(whole.settings)}"
        part = f"{_gain(row, ranking)} come with {words} too"
        by_whole.setdefault(f"{_gain(whole, ranking)}{where}", []).append(part)
    return [f"Of {method_name}'s gain of {whole}, {', '.join(parts)}." for whole, parts in by_whole.items()]


def _in_place(row: RankedRow, controls: Mapping[str, Control]) -> str:
    return controls[row.control].in_place if row.control in controls else ""


def _gains(name: str, row: RankedRow, ranking: Ranking) -> str:
    assert row.test_gain is not None
    unit = " points" if is_fraction(ranking.test_metric) else ""
    verb = "changes by" if not ranking.higher_is_better else "gains" if row.test_gain.mean >= 0 else "loses"
    size = _gain(row, ranking) if verb == "changes by" else _gain(row, ranking).lstrip("+-")
    return f"{name[0].upper()}{name[1:]} {verb} {size}{unit} of {metric_words(ranking.test_metric)}"


def _gain(row: RankedRow, ranking: Ranking) -> str:
    return format_interval(row.test_gain, metric=ranking.test_metric, is_gain=True)
