"""A measured table as ``thesis reproduce`` prints it."""

from rich.console import Console

from thesis.paper.reference import read_reference
from thesis.reporting.tables.comparison import compare_tables
from thesis.reporting.tables.reproduced import comparison_grids
from thesis.results.measured_tables import Measured, MeasuredData, MeasuredRow, MeasuredTable, Samples

DATA = MeasuredData(name="verses", version="1", digest="d", is_published=False)


def printed(width):
    """Table 7.4, all of whose columns are measured, on a console of a width; the text of each grid."""
    columns = read_reference().tables["table-7.4"].columns
    row = MeasuredRow(
        keys={"dataset": "mscoco", "layers": 4, "model": "bidirectional"},
        cells={
            column.key: Samples(values={"0": 10.1 + number, "1": 12.1 + number}, unit="seed")
            for number, column in enumerate(columns)
        },
        data=None,
    )
    table = MeasuredTable(id="table-7.4", system="residual-lstm", scale="small", data=DATA, rows=(row,))
    found = next(
        each
        for each in compare_tables(read_reference(), Measured(tables={"table-7.4": table}, broken=()))
        if each.table.id == "table-7.4"
    )
    console = Console(width=width, color_system=None)
    texts = []
    for grid in comparison_grids(found, width=width):
        with console.capture() as capture:
            console.print(grid)
        texts.append(capture.get())
    return texts


def test_a_wide_table_becomes_several_that_cut_no_number_and_no_name():
    texts = printed(110)
    assert len(texts) == 2
    assert not any("…" in text for text in texts)
    assert all("bidirectional" in text and "wikianswers" in text for text in texts)


def test_the_parts_of_a_table_have_every_column_once_and_one_caption():
    texts = printed(110)
    assert [text.count("TER") for text in texts] == [1, 1]
    assert [text.count("Published ->") for text in texts] == [0, 1]


def test_a_table_that_fits_stays_whole():
    assert len(printed(250)) == 1
