"""The dissertation's printed tables, claims and settings, read from `tables.toml` and `claims.toml`.

Both files explain their own fields at their head.
"""

import functools
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, Literal

from thesis.results.keys import Keys, matches, words

Better = Literal["higher", "lower", "none"]
Role = Literal["result", "baseline", "setting", "count", "derived"]
Printed = Literal["holds", "partly", "fails", "unprinted"]
Kind = Literal["order", "value", "trend", "property", "example", "external"]


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column of numbers."""

    key: str
    label: str  # the printed short header
    metric: str
    unit: str
    better: Better
    role: Role
    decimals: int  # most decimals printed
    parts: tuple[str, ...] = ()  # values of the key `part` that have this column; empty: all


@dataclass(frozen=True, kw_only=True)
class Row:
    """One printed row."""

    keys: Keys
    values: Mapping[str, int | float]  # by column key, as printed
    absent: tuple[str, ...] = ()  # columns printed as a dash
    bold: tuple[str, ...] = ()  # columns that the author marks as best


@dataclass(frozen=True, kw_only=True)
class Table:
    """One printed table."""

    id: str
    chapter: int
    section: str
    system: str
    title: str
    row_keys: tuple[str, ...]
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    settings: Mapping[str, Any]
    notes: tuple[str, ...] = ()

    def column(self, key: str) -> Column:
        """Returns the column of that key.

        Raises:
            LookupError: if there is none.
        """
        for column in self.columns:
            if column.key == key:
                return column
        raise LookupError(f"{self.id} has no column {key!r}")

    def row(self, keys: Keys) -> Row:
        """Returns the one row with these keys; some may be left out where the others identify it.

        Raises:
            LookupError: if there is none, or more than one.
        """
        found = [row for row in self.rows if matches(row.keys, keys)]
        if len(found) != 1:
            raise LookupError(f"{self.id} has {len(found)} rows with {words(keys)}")
        return found[0]


@dataclass(frozen=True, kw_only=True)
class Claim:
    """One checkable statement, in the transcriber's words."""

    id: str
    system: str
    source: str
    kind: Kind
    statement: str
    check: str | None  # None: nothing that this project could measure
    forall: Mapping[str, tuple[Any, ...]]
    printed: Printed
    exceptions: tuple[Mapping[str, Any], ...]
    is_derived: bool  # shown by a table, not said in the dissertation
    value: Any
    unit: str
    note: str


@dataclass(frozen=True, kw_only=True)
class Setting:
    """One stated fact on data, models or training; `not-stated` lists what is left open."""

    id: str
    system: str
    name: str
    value: Any
    source: str
    note: str


@dataclass(frozen=True, kw_only=True)
class Reference:
    """All of the reference data, by id, in the order of the files."""

    source: Mapping[str, Any]
    tables: Mapping[str, Table]
    claims: Mapping[str, Claim]
    settings: Mapping[str, Setting]


@functools.cache
def read_reference() -> Reference:
    """Returns the reference data that ships with the package."""
    return reference_from(_toml("tables.toml"), _toml("claims.toml"))


def reference_from(tables: Mapping[str, Any], claims: Mapping[str, Any]) -> Reference:
    """Returns the reference data of two parsed files.

    Raises:
        ValueError: if a row names a column that its table does not have.
    """
    return Reference(
        source=tables["source"],
        tables={entry["id"]: _table(entry) for entry in tables["table"]},
        claims={entry["id"]: _claim(entry) for entry in claims["claim"]},
        settings={entry["id"]: _setting(entry) for entry in claims["setting"]},
    )


def _toml(name: str) -> dict[str, Any]:
    return tomllib.loads((files("thesis.paper") / name).read_text(encoding="utf-8"))


def _table(entry: Mapping[str, Any]) -> Table:
    columns = tuple(Column(**{**c, "parts": tuple(c.get("parts", ()))}) for c in entry["columns"])
    return Table(
        id=entry["id"],
        chapter=entry["chapter"],
        section=entry["section"],
        system=entry["system"],
        title=entry["title"],
        row_keys=tuple(entry["row_keys"]),
        columns=columns,
        rows=tuple(_row(row, entry, {column.key for column in columns}) for row in entry["rows"]),
        settings=entry["settings"],
        notes=tuple(entry["notes"]),
    )


def _row(row: Mapping[str, Any], entry: Mapping[str, Any], columns: set[str]) -> Row:
    values = {key: value for key, value in row.items() if key not in (*entry["row_keys"], "absent", "bold")}
    absent, bold = tuple(row.get("absent", ())), tuple(row.get("bold", ()))
    unknown = sorted({*values, *absent, *bold} - columns)
    if unknown:
        raise ValueError(f"a row must name columns of its table {entry['id']}, got {unknown=}")
    return Row(keys={key: row[key] for key in entry["row_keys"]}, values=values, absent=absent, bold=bold)


def _claim(entry: Mapping[str, Any]) -> Claim:
    return Claim(
        id=entry["id"],
        system=entry["system"],
        source=entry["source"],
        kind=entry["kind"],
        statement=entry["statement"],
        check=entry.get("check"),
        forall={key: _frozen(values) for key, values in entry.get("forall", {}).items()},
        printed=entry["printed"],
        exceptions=tuple(
            {key: _frozen(value) for key, value in found.items()} for found in entry.get("exceptions", ())
        ),
        is_derived=entry.get("derived", False),
        value=_frozen(entry.get("value")),
        unit=entry.get("unit", ""),
        note=entry.get("note", ""),
    )


def _setting(entry: Mapping[str, Any]) -> Setting:
    return Setting(
        id=entry["id"],
        system=entry["system"],
        name=entry["name"],
        value=_frozen(entry["value"]),
        source=entry["source"],
        note=entry.get("note", ""),
    )


def _frozen(value: Any) -> Any:
    return tuple(_frozen(item) for item in value) if isinstance(value, list) else value
