import tomllib
from importlib.resources import files

import pytest

from thesis.experiments.table_trials import declared_trials
from thesis.experiments.tables import find_reproduction
from thesis_workloads.contract.errors import UserError
from thesis_workloads.systems.repr.curve_figures import CURVE_FIGURES
from thesis_workloads.systems.repr.figures import FIGURES as FIGURES_OF_SETTINGS
from thesis_workloads.systems.repr.tables import DECLARED as TABLES_OF_RUNS

FIGURES = {**FIGURES_OF_SETTINGS, **CURVE_FIGURES}
DECLARED = {**TABLES_OF_RUNS, **FIGURES}
TABLES = files("thesis.paper") / "tables.toml"
SCALES = ("smoke", "small", "paper")


@pytest.fixture(scope="module")
def printed():
    return {table["id"]: table for table in tomllib.loads(TABLES.read_text())["table"]}


@pytest.mark.parametrize("name", [name for name in DECLARED if name.startswith("table")])
def test_every_cell_is_a_printed_one(name, printed):
    declared, table = DECLARED[name], printed[DECLARED[name].table]
    rows = [{key: row[key] for key in table["row_keys"]} for row in table["rows"]]
    columns = {column["key"] for column in table["columns"]}
    assert all(dict(cell.row) in rows and cell.column in columns for cell in declared.cells)
    assert all(cell.run in declared.runs for cell in declared.cells)


@pytest.mark.parametrize("name", ["table-5.1", "table-5.2", "table-5.3", "table-5.5"])
def test_every_printed_result_has_a_cell(name, printed):
    table = printed[name]
    results = [column["key"] for column in table["columns"] if column["role"] in ("result", "baseline")]
    wanted = {
        (*(row[key] for key in table["row_keys"]), column) for row in table["rows"] for column in results
    }
    found = {(*(cell.row[key] for key in table["row_keys"]), cell.column) for cell in DECLARED[name].cells}
    assert found == wanted


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("name", DECLARED)
def test_every_scale_has_trials_with_seeds_of_their_own(name, scale):
    trials = declared_trials(DECLARED[name], scale=scale)
    assert len({(trial.run, trial.dataset, trial.config.seed) for trial in trials}) == len(trials)
    assert len({trial.config.seed for trial in trials}) == DECLARED[name].num_seeds[scale]


def test_small_has_five_seeds_and_paper_the_settings_of_the_text():
    small = declared_trials(DECLARED["table-5.1"], scale="small")
    paper = [trial for trial in declared_trials(DECLARED["table-5.1"], scale="paper") if trial.run == "ortho"]
    assert len({trial.config.seed for trial in small}) >= 5
    config = paper[0].config
    assert (config.s1, config.s2, config.p, config.n, config.epochs) == (20, 10, 30.0, 3, 100)
    assert (config.data, config.num_train, config.num_val, config.learning_rate) == ("cifar10", 0, 5000, 0.01)


def test_a_student_has_as_many_epochs_of_its_own_as_the_runs_it_is_compared_with():
    trials = {trial.run: trial.config for trial in declared_trials(DECLARED["table-5.3"], scale="small")}
    assert trials["kd"].epochs - trials["kd"].teacher_epochs == trials["std"].epochs
    assert trials["kd-in-budget"].epochs == trials["std"].epochs


def test_another_number_of_seeds_may_be_asked_for():
    trials = declared_trials(DECLARED["table-5.2"], scale="small", num_seeds=2, seed=7)
    assert {trial.config.seed for trial in trials} == {7, 8}


def test_an_unknown_table_or_scale_is_refused():
    with pytest.raises(UserError, match=r"did you mean 'table-5\.1'"):
        find_reproduction("table-5.11")
    with pytest.raises(UserError, match="--scale must be one of smoke, small, paper, got 'tiny'"):
        declared_trials(DECLARED["table-5.1"], scale="tiny")


@pytest.mark.parametrize("name", FIGURES)
def test_every_curve_has_its_column_and_every_cell_its_run(name):
    declared = FIGURES[name]
    drawn = [cell for cell in declared.cells if not cell.is_quantity]
    for curves in declared.curves:
        points = [cell for cell in drawn if cell.column == curves.y and curves.x in cell.row]
        assert len(points) > 1
        assert all(curves.line in cell.row for cell in points if curves.line)
    runs = {cell.run for cell in declared.cells} | {cell.minus for cell in declared.cells if cell.minus}
    assert runs <= set(declared.runs)


def test_the_claims_about_figures_find_their_numbers():
    asked = {
        ("figure-5.1", "test_accuracy", (("point", "D"),)),
        ("figure-5.4", "test_accuracy", (("p_percent", 30),)),
        ("figure-5.5", "gain_of_round", (("n", 2),)),
        ("figure-5.6", "improvement", (("optimizer", "adam"),)),
        ("figure-5.6", "test_accuracy", (("s1", 50), ("s2", 50))),
        ("figure-5.7", "test_accuracy", (("training", "repr"), ("schedule", "cyclical"))),
        ("figure-5.8", "test_accuracy", (("training", "repr-oracle"), ("dropout", 0.5))),
        ("figure-5.9", "ortho_sum_drop", (("training", "repr-ortho"), ("kd", True))),
    }
    declared = {
        (name, cell.column, tuple(cell.row.items()))
        for name, figure in FIGURES.items()
        for cell in figure.cells
        if cell.is_quantity
    }
    assert asked <= declared
