"""``thesis list``: all that a user needs to write --set and --space, in any width."""

import re
from pathlib import Path

import pytest

from thesis.cli.listing import list_command
from thesis.experiments.tables import NOT_REPRODUCED, REPRODUCTIONS
from thesis_workloads.contract.settings import describe_settings
from thesis_workloads.registry import all_systems, find_system

STUDY = Path(__file__).parents[2] / "studies" / "tabular_mlp.py"


@pytest.fixture
def listed(capsys, monkeypatch):
    def run(system=None, *, columns=80):
        monkeypatch.setenv("COLUMNS", str(columns))
        list_command(system)
        return capsys.readouterr().out

    return run


def words(text):
    """All that is not white space: a long word may be folded anywhere."""
    return re.sub(r"\s", "", text)


@pytest.mark.parametrize("name", list(all_systems()))
def test_a_system_is_shown_with_what_each_setting_is_and_may_be(listed, name):
    # Wide enough for one line a text, so that folded neighbours do not come between its words.
    written = words(listed(name, columns=400))
    for key, known in describe_settings(find_system(name).config).items():
        assert words(key) in written
        for each in (known["description"], known["allowed"], known["default"]):
            assert words(each) in written, key


def test_the_settings_of_an_evaluation_are_shown_where_they_are_others(listed):
    assert "Settings of 'thesis evaluate aug-ms-roi'" in listed("aug-ms-roi")
    assert "thesis evaluate" not in listed("pixel-deflection")


@pytest.mark.parametrize("name", [None, *all_systems()])
@pytest.mark.parametrize("columns", [40, 80])
def test_nothing_is_cut_in_a_narrow_terminal(listed, name, columns):
    written = listed(name, columns=columns)
    assert "…" not in written
    assert max(map(len, written.splitlines())) <= columns


def test_systems_and_tables_are_sorted_by_chapter(listed):
    written = listed(columns=200)
    systems, tables = written.split("What 'thesis reproduce' knows")
    chapters = re.findall(r"^ (\d) ", systems, flags=re.M)
    assert chapters == sorted(chapters)
    assert len(chapters) == len(all_systems())
    names = re.findall(r"^ ((?:table|figure)-[\d.]+\w?) ", tables, flags=re.M)
    assert names.index("table-4.9") + 1 == names.index("table-4.10")
    assert names.index("table-5.6") < names.index("table-5.7") < names.index("figure-5.1")


def test_all_that_can_be_reproduced_is_listed(listed):
    tables = listed(columns=200).split("What 'thesis reproduce' knows")[1].split("Datasets")[0]
    first = {line.split()[0] for line in tables.splitlines() if line.strip()}
    assert {*REPRODUCTIONS, *NOT_REPRODUCED} <= first


def test_what_is_searched_is_shown_with_its_setting(listed):
    written = listed("repr", columns=120)
    of_s1 = written.split(" s1 ")[1].split(" s2 ")[0]
    assert "epochs of the full network per iteration" in of_s1
    assert "must be a whole number, at least 1" in of_s1
    assert "searched by default: 5, 10" in of_s1


def test_a_study_without_descriptions_is_listed_by_its_types_and_defaults(listed):
    written = listed(str(STUDY))
    assert re.search(r"width +8 +must be a whole number", written)
    assert "searched by default: 4, 16" in written
