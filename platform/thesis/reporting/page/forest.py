"""A system's claims as a forest plot: the measured interval as a bar, the published difference as a mark.

Each claim has a row for the mean of its comparisons, or one for each where they have no mean. Rows of one unit share
an axis. The drawing is SVG inside the page, in the page's own colours.
"""

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from thesis.paper.evidence import Evidence
from thesis.paper.jackknife import Estimate
from thesis.paper.verdicts import ClaimVerdict, Verdict
from thesis.results.keys import words

WIDTH, HEIGHT = 320, 22  # of a bar, in the SVG's own units
_MIDDLE = HEIGHT / 2
_MAX_ROWS = 6  # of one claim
_WITHOUT_UNIT = "ratios and quantities without a unit"


@dataclass(frozen=True, kw_only=True)
class Bar:
    """One row of the plot: text, and positions in a drawing of `WIDTH` by `HEIGHT`."""

    claim: str  # its id
    name: str
    verdict: Verdict
    measured: str
    published: str  # empty where nothing was published
    label: str  # for those who don't see the drawing
    low: float
    high: float
    value: float
    arrows: tuple[str, ...]  # points of the polygons at the ends that are cut
    diamond: str  # points of the published mark; empty where nothing was published


@dataclass(frozen=True, kw_only=True)
class BarGroup:
    """The bars of one unit, which share an axis."""

    title: str
    bars: tuple[Bar, ...]


@dataclass(frozen=True, kw_only=True)
class ForestRow:
    """One claim's margin; positive is what the claim says."""

    judged: ClaimVerdict
    detail: str  # which of its comparisons, or their mean
    unit: str
    value: float
    low: float
    high: float
    published: float | None


def forest_rows(verdicts: Iterable[ClaimVerdict]) -> list[ForestRow]:
    """Returns the rows of the claims that order numbers and were measured, grouped by unit."""
    rows = [row for judged in verdicts for row in _rows(judged)]
    return sorted(rows, key=lambda row: row.unit or "~")


def forest_groups(verdicts: Iterable[ClaimVerdict]) -> list[BarGroup]:
    """Returns the plot's rows by unit; none where no claim has a margin."""
    rows = forest_rows(verdicts)
    units = dict.fromkeys(row.unit for row in rows)
    return [_group(unit, [row for row in rows if row.unit == unit]) for unit in units]


def _rows(judged: ClaimVerdict) -> list[ForestRow]:
    orders = [
        (finding, finding.evidence)
        for finding in judged.findings
        if finding.evidence is not None and finding.evidence.is_order
    ]
    if judged.mean_margin is None:
        return [
            _forest_row(judged, evidence.estimate, [evidence], words(finding.combination))
            for finding, evidence in orders[:_MAX_ROWS]
        ]
    return [_forest_row(judged, judged.mean_margin, [each for _, each in orders], f"mean of {len(orders)}")]


def _forest_row(
    judged: ClaimVerdict, estimate: Estimate, orders: Sequence[Evidence], detail: str
) -> ForestRow:
    low, high = estimate.interval()
    published = [evidence.published for evidence in orders if evidence.published is not None]
    return ForestRow(
        judged=judged,
        detail=detail if len(judged.findings) > 1 else "",
        unit=orders[0].unit,
        value=estimate.value,
        low=low,
        high=high,
        published=statistics.fmean(published) if len(published) == len(orders) else None,
    )


def _group(unit: str, rows: Sequence[ForestRow]) -> BarGroup:
    scale = _scale(rows)
    title = f"{unit or _WITHOUT_UNIT}, from −{scale:.3g} to {scale:.3g}"
    return BarGroup(title=title, bars=tuple(_bar(row, scale) for row in rows))


def _scale(rows: Sequence[ForestRow]) -> float:
    """Returns the end of the axis: three quarters of the intervals fit, arrows mark those that are cut."""
    ends = sorted(max(abs(row.low), abs(row.high), abs(row.published or 0)) for row in rows)
    return ends[min(len(ends) - 1, round(0.75 * len(ends)))] * 1.05 or 1.0


def _bar(row: ForestRow, scale: float) -> Bar:
    claim = row.judged.claim
    detail = f" ({row.detail})" if row.detail else ""
    ends = ((row.low, -1), (row.high, 1))
    return Bar(
        claim=claim.id,
        name=f"{claim.id.split('.', 1)[-1].replace('-', ' ')}{detail}",
        verdict=row.judged.verdict,
        measured=f"{row.value:.3g} [{row.low:.3g}, {row.high:.3g}]",
        published="" if row.published is None else f"{row.published:.3g}",
        label=f"{row.value:.3g} from {row.low:.3g} to {row.high:.3g}",
        low=_position(row.low, scale),
        high=_position(row.high, scale),
        value=_position(row.value, scale),
        arrows=tuple(_arrow(_position(end, scale), sign) for end, sign in ends if abs(end) > scale),
        diamond="" if row.published is None else _diamond(_position(row.published, scale)),
    )


def _position(value: float, scale: float) -> float:
    """Returns the horizontal place of a value; one beyond the axis is at its end."""
    return round(WIDTH / 2 * (1 + max(-1.0, min(1.0, value / scale)) * 0.96), 1)


def _arrow(end: float, sign: int) -> str:
    tip, back = end + 5 * sign, end - 3 * sign
    return f"{tip},{_MIDDLE} {back},{_MIDDLE - 5} {back},{_MIDDLE + 5}"


def _diamond(place: float) -> str:
    return f"{place},{_MIDDLE - 7} {place + 6},{_MIDDLE} {place},{_MIDDLE + 7} {place - 6},{_MIDDLE}"
