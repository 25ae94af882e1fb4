import tomllib
from importlib.resources import files

import pytest

from thesis.experiments.table_trials import declared_trials
from thesis.experiments.tables import find_reproduction
from thesis.results.keys import matches
from thesis_workloads.systems.highway_vqa.tables import CONTROLS, DECLARED

PAPER = files("thesis.paper")


@pytest.mark.parametrize("name", ["table-6.1", "table-5.8"])
def test_every_printed_cell_that_is_declared_is_there(name):
    tables = {table["id"]: table for table in tomllib.loads((PAPER / "tables.toml").read_text())["table"]}
    table = tables[name]
    rows = [{key: row[key] for key in table["row_keys"]} for row in table["rows"]]
    columns = {column["key"] for column in table["columns"]}
    cells = [cell for cell in DECLARED[name].cells if not cell.is_quantity]
    assert cells
    assert all(dict(cell.row) in rows and cell.column in columns for cell in cells)


def test_the_claims_about_controls_find_their_quantities():
    claims = (PAPER / "claims.toml").read_text()
    for cell in DECLARED["table-6.1"].cells:
        if cell.is_quantity and cell not in CONTROLS:
            arguments = ", ".join(f'{key}="{value}"' for key, value in cell.row.items())
            assert f"{cell.column}({arguments})" in claims


@pytest.mark.parametrize("name", list(DECLARED))
@pytest.mark.parametrize("scale", ["smoke", "small", "paper"])
def test_every_trial_is_a_valid_configuration(name, scale):
    from thesis_workloads.systems.highway_vqa.validation import validate

    assert find_reproduction(name) is DECLARED[name]
    for trial in declared_trials(DECLARED[name], scale=scale):
        validate(trial.config)


def test_both_backbones_are_asked_the_same_questions_by_the_same_network():
    import dataclasses

    one, other = (
        trial.config for trial in declared_trials(DECLARED["table-5.8"], scale="small", num_seeds=1)
    )
    names = [f.name for f in dataclasses.fields(one) if getattr(one, f.name) != getattr(other, f.name)]
    assert names == ["backbone", "backbone_weights"]


def test_at_paper_the_backbones_are_inception_with_two_files():
    trials = declared_trials(DECLARED["table-5.8"], scale="paper", num_seeds=1)
    assert [(trial.config.backbone, trial.config.backbone_weights) for trial in trials] == [
        ("googlenet", "googlenet-standard.pth"),
        ("googlenet", "googlenet-repr.pth"),
    ]


def test_the_claim_about_word_order_is_judged_where_every_layer_reads_words_alike():
    runs = {
        cell.run for cell in DECLARED["table-6.1"].cells if "word_order" in cell.row and cell not in CONTROLS
    }
    assert {DECLARED["table-6.1"].runs[run]["projection"] for run in runs} == {"shared"}


def test_no_quantity_of_a_claim_can_be_taken_for_another():
    quantities = [cell for cell in DECLARED["table-6.1"].cells if cell.is_quantity]
    for wanted in quantities:
        found = [
            cell for cell in quantities if cell.column == wanted.column and matches(cell.row, wanted.row)
        ]
        assert found == [wanted]


def test_questions_that_need_the_image_are_shown_for_every_method():
    shown = {cell.row["method"] for cell in CONTROLS if "questions" in cell.row}
    assert shown >= {"image-only", "question-only", "highway-vqa"}
