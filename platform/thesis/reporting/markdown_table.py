"""Tables in Markdown."""

from collections.abc import Iterable, Sequence


def markdown_table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Returns a table in GitHub's Markdown without a newline at its end.

    A bar in a cell is escaped and a line break becomes a space, so that no cell can break the table.

    Args:
        header: names of the columns.
        rows: a cell per column.

    Raises:
        ValueError: if a row has more or fewer cells than the header.
    """
    lines = [_line(header), f"|{'---|' * len(header)}"]
    for row in rows:
        if len(row) != len(header):
            raise ValueError(f"a row must have {len(header)} cells, got {len(row)}: {list(row)}")
        lines.append(_line(row))
    return "\n".join(lines)


def _line(cells: Sequence[str]) -> str:
    texts = (cell.replace("\n", " ").replace("|", r"\|") for cell in cells)
    return f"| {' | '.join(texts)} |"
