"""Made-up measured tables."""

import pytest

from thesis.paper.reference import read_reference
from thesis.results.measured_tables import MeasuredData, MeasuredRow, MeasuredTable, Samples, collect

DIGITS = MeasuredData(name="digits-300", version="1.7", digest="d1")


@pytest.fixture(scope="session")
def reference():
    return read_reference()


def samples(values, unit="seed"):
    return Samples(values={str(index): float(value) for index, value in enumerate(values)}, unit=unit)


@pytest.fixture
def make_table():
    """A measured table from ``{(key values): {column: values of the seeds}}``."""

    def make(table_id, rows, *, keys, system="repr", scale="small", data=DIGITS, unit="seed", row_data=None):
        made = tuple(
            MeasuredRow(
                keys=dict(zip(keys, names, strict=True)),
                cells={
                    column: value if isinstance(value, Samples) else samples(value, unit)
                    for column, value in cells.items()
                },
                data=(row_data or {}).get(names),
            )
            for names, cells in rows.items()
        )
        return MeasuredTable(id=table_id, system=system, scale=scale, data=data, rows=made)

    return make


@pytest.fixture
def judged(reference):
    """The verdict on one claim, given measured tables."""
    from thesis.paper.verdicts import judge

    return lambda claim, *tables: judge(reference.claims[claim], reference, collect(tables))
