"""Measured tables as the source of a check's numbers, and what may be compared with what."""

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from thesis.paper.check_language import compare
from thesis.paper.jackknife import Floats
from thesis.paper.printed_numbers import direction
from thesis.paper.reference import Reference
from thesis.results.keys import Keys, words
from thesis.results.measured_tables import Measured, MeasuredData, MeasuredRow, MeasuredTable, Samples

# Keys that name a data set: rows that differ in them may, and have to, differ in their data.
_DATA_KEY = "dataset"
_DATA_KEYS = (_DATA_KEY, "set")


class NotMeasuredError(LookupError):
    """A check needs a number that has not been measured."""


class NotComparableError(ValueError):
    """A check would compare numbers that were not taken alike."""


@dataclass(frozen=True, kw_only=True)
class FoundCell:
    """The samples behind one number of a check, and where they are from."""

    samples: Samples
    table: MeasuredTable
    data: MeasuredData
    keys: Keys
    unit: str = ""  # of the column; empty for a quantity that no table prints


@dataclass
class _Recorder:
    """Notes every cell that a check asks for, and answers with its mean."""

    measured: Measured
    reference: Reference
    system: str
    found: list[FoundCell] = field(default_factory=list)

    def cell(self, table: str, column: str, keys: Keys) -> np.float64:
        unit = self.reference.tables[table].column(column).unit
        if table not in self.measured.tables:
            broken = any(entry.id == table for entry in self.measured.broken)
            raise NotMeasuredError(f"{'broken' if broken else 'not run'}: {table}")
        found = self.measured.tables[table]
        row = found.row(keys)
        if row is None or column not in row.cells:
            raise NotMeasuredError(f"not measured: {column} of {table} for {words(keys)}")
        return self._noted(found, row, column, keys, unit=unit)

    def quantity(self, name: str, keys: Keys) -> np.float64:
        for table in self.measured.measures(self.system):
            for row in table.rows:
                if row.keys == keys and name in row.cells:
                    return self._noted(table, row, name, keys)
        raise NotMeasuredError(f"not measured: {name}({words(keys)})")

    def sign(self, table: str, column: str) -> int:
        return direction(self.reference, table, column)

    def number(self, literal: int | float) -> float:
        return float(literal)

    def _noted(
        self, table: MeasuredTable, row: MeasuredRow, column: str, keys: Keys, *, unit: str = ""
    ) -> np.float64:
        samples = row.cells[column]
        self.found.append(
            FoundCell(
                samples=samples, table=table, data=table.data_of(row), keys={**row.keys, **keys}, unit=unit
            )
        )
        return np.float64(samples.mean)


@dataclass
class Replay:
    """Answers with given numbers in the order in which a check asks for them."""

    reference: Reference
    numbers: Sequence[Floats]
    _next: int = 0

    def cell(self, table: str, column: str, keys: Keys) -> Floats:
        """Returns the next number."""
        return self._take()

    def quantity(self, name: str, keys: Keys) -> Floats:
        """Returns the next number."""
        return self._take()

    def sign(self, table: str, column: str) -> int:
        """Returns 1 where higher is better, -1 where lower is."""
        return direction(self.reference, table, column)

    def number(self, literal: int | float) -> float:
        """Returns the literal."""
        return float(literal)

    def _take(self) -> Floats:
        self._next += 1
        return self.numbers[self._next - 1]


def find_cells(
    part: ast.expr, variables: Mapping[str, Any], *, system: str, measured: Measured, reference: Reference
) -> list[FoundCell]:
    """Returns the cells of one comparison of a check in the order in which it asks for them.

    Raises:
        NotMeasuredError: if one of them has not been measured.
        NotComparableError: if they were taken at different scales or on different data.
    """
    recorder = _Recorder(measured=measured, reference=reference, system=system)
    with np.errstate(divide="ignore", invalid="ignore"):  # the estimate tells a division by zero
        compare(part, variables, recorder)
    _refuse_mixtures(recorder.found)
    return recorder.found


def group_names(cells: Sequence[FoundCell]) -> list[str]:
    """Returns for each cell what its samples belong to: equal seeds or images pair within one such group."""
    return [f"{cell.data.name} {cell.data.version} {cell.data.digest}" for cell in cells]


def _refuse_mixtures(cells: Sequence[FoundCell]) -> None:
    scales = sorted({cell.table.scale for cell in cells})
    if len(scales) > 1:
        tables = ", ".join(sorted({f"{cell.table.id} at {cell.table.scale}" for cell in cells}))
        raise NotComparableError(f"the tables were run at different scales: {tables}")
    for index, first in enumerate(cells):
        for second in cells[:index]:
            _refuse_pair(first, second)


def _refuse_pair(first: FoundCell, second: FoundCell) -> None:
    is_one_set = all(first.keys.get(key) == second.keys.get(key) for key in _DATA_KEYS)
    if is_one_set and first.data.name != second.data.name:
        raise NotComparableError(f"they were measured on different data: {first.data} and {second.data}")
    named = {first.keys.get(_DATA_KEY), second.keys.get(_DATA_KEY)}
    if len(named) == 2 and None not in named and first.data == second.data:
        shown = " and ".join(sorted(str(name) for name in named))
        raise NotComparableError(f"{shown} were both measured on {first.data}")
