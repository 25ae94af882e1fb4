"""The audit of the adaptive attack as a table, and the mark on numbers that rest on a failed check."""

from collections.abc import Mapping, Sequence

from rich.box import SIMPLE_HEAD
from rich.markup import escape
from rich.table import Table

from thesis.reporting.markdown_table import markdown_table

Row = Mapping[str, str]
MARK = "!"  # after a number of an attack whose audit failed
_HEADER = ("defence", "check", "verdict", "numbers")
_STYLES = {"fail": "bold red", "pass": "green", "not applicable": "dim"}


def audit_table(audited: Sequence[Row]) -> Table:
    """Returns the checklist with a line per defence and check."""
    table = Table(
        box=SIMPLE_HEAD,
        pad_edge=False,
        title="Audit of the adaptive attack",
        title_justify="left",
    )
    for name in _HEADER:
        table.add_column(name, overflow="fold")
    previous = ""
    for row in audited:
        defense = row["defense"] if row["defense"] != previous else ""
        if defense and previous:
            table.add_section()
        previous = row["defense"]
        verdict = f"[{_STYLES[row['verdict']]}]{row['verdict']}[/]"
        table.add_row(escape(defense), row["check"], verdict, escape(row["numbers"]))
    return table


def audit_markdown(audited: Sequence[Row]) -> str:
    """Returns the checklist as a Markdown table, then its conclusions."""
    rows = [(row["defense"], row["check"], row["verdict"], row["numbers"]) for row in audited]
    return "\n".join([markdown_table(_HEADER, rows), "", *(f"{line}\n" for line in audit_lines(audited))])


def audit_lines(audited: Sequence[Row]) -> list[str]:
    """Returns a sentence per defence: whether its adaptive numbers are a bound."""
    lines = []
    for defense in dict.fromkeys(row["defense"] for row in audited):
        own = [row for row in audited if row["defense"] == defense]
        failed = [row["check"] for row in own if row["verdict"] == "fail"]
        applied = sum(row["verdict"] != "not applicable" for row in own)
        if failed:
            lines.append(
                f"{defense}: {len(failed)} of {applied} checks failed ({'; '.join(failed)}); numbers marked {MARK} rest"
                " on an attack that is too weak, or on too few images, and are no bound."
            )
        else:
            lines.append(f"{defense}: all {applied} checks that apply passed.")
    return lines
