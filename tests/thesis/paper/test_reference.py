"""The reference data are read whole, and are those that were agreed on."""

import dataclasses
import hashlib
import json
import tomllib
from collections import Counter
from importlib.resources import files

import pytest

from thesis.paper.reference import read_reference, reference_from

# SHA-256 of the agreed transcription, parsed and written as canonical JSON: every number, key and sentence.
AGREED = {
    "tables.toml": "42b1d746238a6a20e32c4c4eb99bb1219a89c803ac72be92e8daacdf96971bfa",
    "claims.toml": "110b408771c7b08e98d752725f3d4de2acd10fb5cbf57ef83675b48bc86cbbb1",
}


def parsed(name):
    return tomllib.loads((files("thesis.paper") / name).read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", sorted(AGREED))
def test_the_files_hold_the_agreed_transcription_number_by_number(name):
    content = json.dumps(parsed(name), sort_keys=True, ensure_ascii=False)
    assert hashlib.sha256(content.encode()).hexdigest() == AGREED[name]


def test_every_number_of_the_tables_file_arrives_in_the_tables():
    in_file = [
        (table["id"], key, value)
        for table in parsed("tables.toml")["table"]
        for row in table["rows"]
        for key, value in row.items()
        if key not in ("absent", "bold") and key not in table["row_keys"]
    ]
    read = [
        (table.id, key, value)
        for table in read_reference().tables.values()
        for row in table.rows
        for key, value in row.values.items()
    ]
    assert read == in_file


def test_there_are_26_tables_235_claims_and_239_settings():
    reference = read_reference()
    assert (len(reference.tables), len(reference.claims), len(reference.settings)) == (26, 235, 239)


def test_every_row_has_its_columns_or_says_that_they_are_absent():
    wrong = [
        (table.id, row.keys)
        for table in read_reference().tables.values()
        for row in table.rows
        for column in table.columns
        if not column.parts or row.keys["part"] in column.parts
        if (column.key in row.values) == (column.key in row.absent)
    ]
    assert wrong == []


def test_the_keys_of_a_table_identify_its_rows():
    for table in read_reference().tables.values():
        assert max(Counter(tuple(row.keys.values()) for row in table.rows).values()) == 1, table.id


def test_a_row_is_found_by_the_keys_that_suffice():
    row = read_reference().tables["table-4.6"].row({"defense": "padding+resizing"})
    assert (row.keys["group"], row.absent, row.bold) == ("resize-and-pad", ("igsm",), ("dfool",))


def test_keys_that_fit_several_rows_are_refused():
    with pytest.raises(LookupError, match="7 rows"):
        read_reference().tables["table-4.6"].row({"group": "feature-squeezing"})


def test_a_column_tells_its_direction_unit_and_decimals():
    column = read_reference().tables["table-5.6"].column("n3")
    assert (column.better, column.unit, column.decimals) == ("lower", "percent", 2)


def test_lists_become_tuples_so_that_nothing_read_can_be_changed():
    claim = read_reference().claims["repr.modern-cost-twice"]
    assert claim.forall["family, layers"][:2] == (("densenet", 40), ("densenet", 100))
    with pytest.raises(dataclasses.FrozenInstanceError):
        claim.check = "1 > 0"


def test_a_row_that_names_an_unknown_column_is_refused():
    tables = parsed("tables.toml")
    tables["table"][0]["rows"][0]["psnr_x"] = 1.0
    with pytest.raises(ValueError, match="psnr_x"):
        reference_from(tables, parsed("claims.toml"))
