"""A system's claims as a forest plot: the measured interval as a bar, the published difference as a mark.

Each claim has a row for the mean of its comparisons, or one for each where they have no mean. Rows of one unit share
an axis. The drawing is SVG inside the page, in the page's own colours.
"""

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from thesis.paper.evidence import Evidence
from thesis.paper.jackknife import Estimate
from thesis.paper.verdicts import ClaimVerdict
from thesis.reporting.page.content import SystemReport
from thesis.reporting.page.html_elements import Html, element
from thesis.results.keys import words

_WIDTH, _HEIGHT = 320, 22  # of a row's drawing, in its own units
_MAX_ROWS = 6  # of one claim
_WITHOUT_UNIT = "ratios and quantities without a unit"


@dataclass(frozen=True, kw_only=True)
class ForestRow:
    """One claim's margin; positive is what the claim says."""

    found: ClaimVerdict
    detail: str  # which of its comparisons, or their mean
    unit: str
    value: float
    low: float
    high: float
    published: float | None


def forest_rows(verdicts: Iterable[ClaimVerdict]) -> list[ForestRow]:
    """Returns the rows of the claims that order numbers and were measured, grouped by unit."""
    rows = [row for found in verdicts for row in _rows(found)]
    return sorted(rows, key=lambda row: row.unit or "~")


def forest_plot(system: SystemReport) -> Html | None:
    """Returns the plot with its numbers beside it; None where no claim has a margin."""
    rows = forest_rows(system.verdicts)
    if not rows:
        return None
    units = list(dict.fromkeys(row.unit for row in rows))
    bodies = [_body(unit, [row for row in rows if row.unit == unit]) for unit in units]
    label = f"Margins of the claims of {system.name}"
    caption = (
        f"{label}: the bar is the measured 95 % interval with its value as a dot, the diamond is the published"
        " difference, the line is zero. To its right the claim is true."
    )
    heads = [
        element("th", "claim", scope="col", class_="text"),
        element("th", "margin", scope="col", class_="text"),
        element("th", "measured", scope="col"),
        element("th", "published", scope="col"),
    ]
    table = element(
        "table",
        element("caption", element("span", caption)),
        element("thead", element("tr", *heads)),
        *bodies,
        class_="forest",
    )
    return element("div", table, class_="scroll", tabindex=0, role="region", aria_label=label)


def _rows(found: ClaimVerdict) -> list[ForestRow]:
    orders = [
        (finding, finding.evidence)
        for finding in found.findings
        if finding.evidence is not None and finding.evidence.is_order
    ]
    if found.mean_margin is None:
        return [
            _forest_row(found, evidence.estimate, [evidence], words(finding.combination))
            for finding, evidence in orders[:_MAX_ROWS]
        ]
    return [_forest_row(found, found.mean_margin, [each for _, each in orders], f"mean of {len(orders)}")]


def _forest_row(
    found: ClaimVerdict, estimate: Estimate, orders: Sequence[Evidence], detail: str
) -> ForestRow:
    low, high = estimate.interval()
    published = [evidence.published for evidence in orders if evidence.published is not None]
    return ForestRow(
        found=found,
        detail=detail if len(found.findings) > 1 else "",
        unit=orders[0].unit,
        value=estimate.value,
        low=low,
        high=high,
        published=statistics.fmean(published) if len(published) == len(orders) else None,
    )


def _body(unit: str, rows: Sequence[ForestRow]) -> Html:
    scale = _scale(rows)
    head = f"{unit or _WITHOUT_UNIT}, from −{scale:.3g} to {scale:.3g}"
    return element(
        "tbody",
        element("tr", element("th", head, scope="rowgroup", colspan=4, class_="text group")),
        *(_line(row, scale) for row in rows),
    )


def _scale(rows: Sequence[ForestRow]) -> float:
    """Returns the axis: what three quarters of the ends need; longer bars are cut and say so by an arrow."""
    ends = sorted(max(abs(row.low), abs(row.high), abs(row.published or 0)) for row in rows)
    return ends[min(len(ends) - 1, round(0.75 * len(ends)))] * 1.05 or 1.0


def _line(row: ForestRow, scale: float) -> Html:
    detail = f" ({row.detail})" if row.detail else ""
    claim = row.found.claim
    name = claim.id.split(".", 1)[-1].replace("-", " ")
    published = "" if row.published is None else f"{row.published:.3g}"
    return element(
        "tr",
        element("th", element("a", name, href=f"#{claim.id}"), detail, scope="row", class_="text"),
        element("td", _drawing(row, scale), class_="text"),
        element("td", f"{row.value:.3g} [{row.low:.3g}, {row.high:.3g}]"),
        element("td", published),
    )


def _drawing(row: ForestRow, scale: float) -> Html:
    def x(value: float) -> float:
        return round(_WIDTH / 2 * (1 + max(-1.0, min(1.0, value / scale)) * 0.96), 1)

    middle = _HEIGHT / 2
    slug = row.found.verdict.replace(" ", "-")
    parts = [
        element("line", x1=_WIDTH // 2, x2=_WIDTH // 2, y1=0, y2=_HEIGHT, class_="zero"),
        element(
            "line", x1=str(x(row.low)), x2=str(x(row.high)), y1=str(middle), y2=str(middle), class_="bar"
        ),
        element("circle", cx=str(x(row.value)), cy=str(middle), r=4),
    ]
    for end, sign in ((row.low, -1), (row.high, 1)):
        if abs(end) > scale:
            tip, back = x(end) + 5 * sign, x(end) - 3 * sign
            points = f"{tip},{middle} {back},{middle - 5} {back},{middle + 5}"
            parts.append(element("polygon", points=points))
    if row.published is not None:
        at = x(row.published)
        points = f"{at},{middle - 7} {at + 6},{middle} {at},{middle + 7} {at - 6},{middle}"
        parts.append(element("polygon", points=points, class_="published"))
    told = f"{row.value:.3g} from {row.low:.3g} to {row.high:.3g}"
    return element(
        "svg",
        *parts,
        viewBox=f"0 0 {_WIDTH} {_HEIGHT}",
        width=_WIDTH,
        height=_HEIGHT,
        role="img",
        aria_label=told,
        class_=slug,
    )
