"""Measured tables as files: ``<output-dir>/tables/<scale>/<id>.json``, and the same as Parquet.

JSON holds all of it and is what is read first. Parquet has a line per sample, for data frames, with the rest
in its metadata. A table that could not be measured leaves ``<id>.broken``, which says why.
"""

import dataclasses
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from thesis.files import atomic_path, write_atomic
from thesis.results.measured_tables import (
    SCALES,
    BrokenTable,
    FrozenClaims,
    Measured,
    MeasuredData,
    MeasuredRow,
    MeasuredTable,
    Samples,
    Spent,
    collect,
)

FOLDER = "tables"
SCHEMA = 1
_BROKEN = ".broken"  # suffix of the note that a table could not be measured, and why


def table_path(output_dir: Path, *, table: str, scale: str) -> Path:
    """Returns the path of a measured table."""
    return output_dir / FOLDER / scale / f"{table}.json"


def write_broken(output_dir: Path, *, table: str, scale: str, error: str) -> Path:
    """Writes next to the measured tables why one could not be measured; measuring it removes the note."""
    path = table_path(output_dir, table=table, scale=scale).with_suffix(_BROKEN)
    write_atomic(path, error + "\n")
    return path


def write_measured(table: MeasuredTable, output_dir: Path) -> Path:
    """Writes a table as JSON and as Parquet, each atomically; returns the path of the JSON file."""
    path = table_path(output_dir, table=table.id, scale=table.scale)
    content = _to_dict(table)
    with atomic_path(path.with_name(f"{table.id}.parquet")) as unfinished:
        pq.write_table(_long(content), unfinished)
    write_atomic(path, json.dumps(content, indent=1, allow_nan=False) + "\n")
    path.with_suffix(_BROKEN).unlink(missing_ok=True)
    return path


def read_measured_file(path: Path) -> MeasuredTable:
    """Returns the table of a JSON or Parquet file.

    Raises:
        ValueError: if the file is no measured table; the message says what is wrong.
    """
    try:
        content = _from_parquet(path) if path.suffix == ".parquet" else json.loads(path.read_text("utf-8"))
        if not isinstance(content, dict):
            raise ValueError(f"a measured table must be a JSON object, got {type(content).__name__}")
        if content["schema"] != SCHEMA:
            raise ValueError(f"schema must be {SCHEMA}, got {content['schema']!r}")
        return _from_dict(content)
    except json.JSONDecodeError as error:
        raise ValueError(f"it is no whole JSON file: {error}") from error
    except KeyError as error:
        raise ValueError(f"it has no {error}") from error
    except (TypeError, AttributeError, UnicodeDecodeError, pa.ArrowException) as error:
        raise ValueError(f"it is no measured table: {error}") from error


def read_measured(output_dir: Path, *, scale: str | None = None) -> Measured:
    """Returns all measured tables of an output folder.

    Args:
        output_dir: The folder that runs write to; it may hold no tables.
        scale: Only those of this scale; None takes of each table the costliest.
    """
    tables: list[MeasuredTable] = []
    broken: list[BrokenTable] = []
    for path in _paths(output_dir, scale):
        try:
            table = read_measured_file(path)
            if table.id != path.stem or table.scale != path.parent.name:
                raise ValueError(f"it says it is {table.id} at scale {table.scale}")
            tables.append(table)
        except (ValueError, OSError) as error:
            shown = str(path.relative_to(output_dir))
            broken.append(BrokenTable(id=path.stem, path=shown, error=str(error)))
    for path in _notes(output_dir, scale):
        error_text = path.read_text(encoding="utf-8").strip()
        broken.append(BrokenTable(id=path.stem, path=str(path.relative_to(output_dir)), error=error_text))
    return collect(tables, broken)


def _paths(output_dir: Path, scale: str | None) -> Iterator[Path]:
    for name in SCALES if scale is None else (scale,):
        folder = output_dir / FOLDER / name
        yield from sorted(folder.glob("*.json"))
        lone = (path for path in folder.glob("*.parquet") if not path.with_suffix(".json").exists())
        yield from sorted(lone)


def _notes(output_dir: Path, scale: str | None) -> Iterator[Path]:
    for name in SCALES if scale is None else (scale,):
        yield from sorted((output_dir / FOLDER / name).glob(f"*{_BROKEN}"))


def _to_dict(table: MeasuredTable) -> dict[str, Any]:
    content = dataclasses.asdict(table)
    return {"schema": SCHEMA, **json.loads(json.dumps(content, allow_nan=False))}


def _from_dict(content: Mapping[str, Any]) -> MeasuredTable:
    return MeasuredTable(
        id=content["id"],
        system=content["system"],
        scale=content["scale"],
        data=MeasuredData(**content["data"]),
        rows=tuple(_row(row) for row in content["rows"]),
        seeds=tuple(content["seeds"]),
        missing=tuple(content["missing"]),
        notes=tuple(content["notes"]),
        provenance=content["provenance"],
        links=content["links"],
        figures=tuple(content["figures"]),
        spent=Spent(**content["spent"]) if content.get("spent") else None,
        judged_by=FrozenClaims(**content["judged_by"]) if content.get("judged_by") else None,
        is_sequential=content.get("is_sequential", False),
    )


def _row(row: Mapping[str, Any]) -> MeasuredRow:
    return MeasuredRow(
        keys=row["keys"],
        cells={column: Samples(**cell) for column, cell in row["cells"].items()},
        data=None if row["data"] is None else MeasuredData(**row["data"]),
    )


def _long(content: Mapping[str, Any]) -> pa.Table:
    samples = [
        {
            "row": index,
            **{f"key/{key}": str(value) for key, value in row["keys"].items()},
            "column": column,
            "unit": cell["unit"],
            "sample": name,
            "value": float(value),
        }
        for index, row in enumerate(content["rows"])
        for column, cell in row["cells"].items()
        for name, value in cell["values"].items()
    ]
    rows = [{"keys": row["keys"], "data": row["data"]} for row in content["rows"]]
    names = ["row", *sorted({key for sample in samples for key in sample if key.startswith("key/")})]
    columns = {
        name: [sample.get(name) for sample in samples] for name in (*names, "column", "unit", "sample")
    }
    values = pa.array([sample["value"] for sample in samples], type=pa.float64())
    table = pa.table({**columns, "value": values})
    return table.replace_schema_metadata({"thesis": json.dumps({**content, "rows": rows})})


def _from_parquet(path: Path) -> dict[str, Any]:
    table = pq.read_table(path)
    metadata = table.schema.metadata or {}
    content: dict[str, Any] = json.loads(metadata[b"thesis"])
    for row in content["rows"]:
        row["cells"] = {}
    for sample in table.select(["row", "column", "unit", "sample", "value"]).to_pylist():
        cells = content["rows"][sample["row"]]["cells"]
        cell = cells.setdefault(sample["column"], {"unit": sample["unit"], "values": {}})
        cell["values"][sample["sample"]] = sample["value"]
    return content
