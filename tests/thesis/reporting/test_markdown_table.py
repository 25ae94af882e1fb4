"""Tables in Markdown stay tables, whatever their cells hold."""

import pytest

from thesis.reporting.markdown_table import markdown_table


def test_a_table_has_a_header_a_rule_and_a_line_per_row():
    text = markdown_table(("a", "b"), [("1", "2"), ("3", "")])
    assert text.splitlines() == ["| a | b |", "|---|---|", "| 1 | 2 |", "| 3 |  |"]


def test_bars_and_line_breaks_in_a_cell_do_not_break_the_table():
    lines = markdown_table(("|L2|",), [("one\ntwo|three",)]).splitlines()
    assert lines == [r"| \|L2\| |", "|---|", r"| one two\|three |"]


def test_a_row_of_another_length_is_refused():
    with pytest.raises(ValueError, match=r"must have 2 cells, got 1: \['1'\]"):
        markdown_table(("a", "b"), [("1",)])
