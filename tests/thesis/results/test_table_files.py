"""Measured tables written and read back."""

import dataclasses
import json

import pyarrow.parquet as pq
import pytest

from thesis.results.measured_tables import MeasuredData, MeasuredRow, MeasuredTable, Samples, collect
from thesis.results.table_files import read_measured, read_measured_file, write_measured

TABLE = MeasuredTable(
    id="table-5.5",
    system="repr",
    scale="small",
    data=MeasuredData(name="digits-300", version="1.7", digest="d1"),
    rows=(
        MeasuredRow(
            keys={"family": "vanilla", "layers": 3},
            cells={
                "c10_std": Samples(values={"0": 5.25, "1": 6.0}),
                "params_thousand": Samples(values={"count": 20.0}, unit="exact"),
            },
        ),
        MeasuredRow(
            keys={"family": "resnet", "layers": 20},
            cells={"c10_std": Samples(values={"0": 4.0})},
            data=MeasuredData(name="fashion", version="1", digest="f1", is_published=True),
        ),
    ),
    seeds=(0, 1),
    missing=("seed 1 of resnet 20 diverged",),
    notes=("labels are digits",),
    provenance={"git.commit": "abc", "wall_s": "12.5"},
    links={"MLflow run": "http://127.0.0.1:5000/#/x"},
    figures=("tables/small/table-5.5/curve.svg",),
)


@pytest.mark.parametrize("suffix", [".json", ".parquet"])
def test_a_table_comes_back_as_it_was_written(tmp_path, suffix):
    path = write_measured(TABLE, tmp_path)
    assert read_measured_file(path.with_suffix(suffix)) == TABLE


def test_parquet_has_a_line_per_sample(tmp_path):
    lines = pq.read_table(write_measured(TABLE, tmp_path).with_suffix(".parquet")).to_pylist()
    assert [(line["key/layers"], line["column"], line["sample"], line["value"]) for line in lines] == [
        ("3", "c10_std", "0", 5.25),
        ("3", "c10_std", "1", 6.0),
        ("3", "params_thousand", "count", 20.0),
        ("20", "c10_std", "0", 4.0),
    ]


def test_a_table_without_rows_is_kept_as_such(tmp_path):
    empty = dataclasses.replace(TABLE, rows=())
    path = write_measured(empty, tmp_path)
    assert read_measured_file(path) == read_measured_file(path.with_suffix(".parquet")) == empty


def test_of_several_scales_the_costliest_counts(tmp_path):
    write_measured(TABLE, tmp_path)
    write_measured(dataclasses.replace(TABLE, scale="smoke"), tmp_path)
    assert read_measured(tmp_path).tables["table-5.5"].scale == "small"
    assert read_measured(tmp_path, scale="smoke").tables["table-5.5"].scale == "smoke"


def test_parquet_alone_is_read_too(tmp_path):
    write_measured(TABLE, tmp_path).unlink()
    assert read_measured(tmp_path).tables["table-5.5"] == TABLE


def test_an_output_folder_without_tables_is_empty(tmp_path):
    assert read_measured(tmp_path) == collect([])


@pytest.mark.parametrize(
    ("spoil", "error"),
    [
        (lambda content: content.pop("rows"), "rows"),
        (lambda content: content.update(schema=9), "schema must be 1"),
        (lambda content: content.update(rows=7), "no measured table"),
        (lambda content: content["rows"][0].pop("keys"), "keys"),
        (lambda content: content["rows"][0]["cells"]["c10_std"].update(values={}), "finite"),
        (
            lambda content: content["rows"][0]["cells"]["c10_std"]["values"].update({"1": "x"}),
            "no measured table",
        ),
        (lambda content: content.update(scale="huge"), "scale must be one of"),
        (lambda content: content.update(id="table-9.9"), "table-9.9"),
        (lambda content: content["data"].update(colour="red"), "colour"),
    ],
)
def test_a_spoilt_file_is_broken_and_the_others_are_read(tmp_path, spoil, error):
    path = write_measured(TABLE, tmp_path)
    write_measured(dataclasses.replace(TABLE, id="table-5.1"), tmp_path)
    content = json.loads(path.read_text())
    spoil(content)
    path.write_text(json.dumps(content))
    measured = read_measured(tmp_path)
    assert list(measured.tables) == ["table-5.1"]
    assert error in measured.broken[0].error


@pytest.mark.parametrize("content", ["", "{", "[]", "\xff", '"x"', "null"])
def test_a_torn_file_is_broken(tmp_path, content):
    path = write_measured(TABLE, tmp_path)
    path.write_bytes(content.encode("latin-1"))
    assert [entry.id for entry in read_measured(tmp_path).broken] == ["table-5.5"]


def test_a_torn_parquet_file_is_broken(tmp_path):
    path = write_measured(TABLE, tmp_path)
    path.unlink()
    path.with_suffix(".parquet").write_bytes(b"PAR1")
    assert [entry.id for entry in read_measured(tmp_path).broken] == ["table-5.5"]


@pytest.mark.parametrize("values", [{}, {"0": float("nan")}, {"0": float("inf")}])
def test_samples_are_finite_numbers(values):
    with pytest.raises(ValueError, match="finite"):
        Samples(values=values)


def test_an_exact_number_is_one_value():
    with pytest.raises(ValueError, match="exact"):
        Samples(values={"0": 1.0, "1": 1.0}, unit="exact")


def test_two_rows_with_the_same_keys_are_refused():
    with pytest.raises(ValueError, match="keys of their own"):
        dataclasses.replace(TABLE, rows=(TABLE.rows[0], TABLE.rows[0]))
