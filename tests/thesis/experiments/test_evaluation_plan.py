import dataclasses
import tomllib
from importlib.resources import files
from inspect import signature

import pytest

from thesis.experiments.defenses import DEFENSES
from thesis.experiments.evaluation_plan import Request, make_evaluation
from thesis.experiments.evaluations import EVALUATIONS, find_evaluation
from thesis_workloads.attacks import probe_names
from thesis_workloads.attacks.catalog import ATTACKS
from thesis_workloads.contract.adaptive_attacks import BINARISATION, PROBES
from thesis_workloads.contract.errors import UserError
from thesis_workloads.contract.evaluation import WITH_EPSILON, parse_attacks
from thesis_workloads.defenses.catalog import CATALOG, needs_bank
from thesis_workloads.systems.aug_ms_roi.config import AugmentedMapConfig
from thesis_workloads.systems.aug_ms_roi.experiment import AUG_MSROI
from thesis_workloads.systems.pixel_deflection.config import PixelDeflectionConfig
from thesis_workloads.systems.pixel_deflection.experiment import (
    ATTACK_SETTINGS,
    PIXEL_DEFLECTION,
    SCALES,
)
from thesis_workloads.systems.pixel_deflection.validation import validate

TABLES = [
    name for name, declared in EVALUATIONS.items() if any(not cell.is_quantity for cell in declared.cells)
]


def test_clean_images_and_no_defence_come_first_and_once():
    plan = make_evaluation(Request(attacks=("clean", "fgsm", "fgsm"), defenses=("none", "jpeg")))
    assert [attack.label for attack in plan.attacks] == ["clean", "fgsm"]
    assert [defense.name for defense in plan.defenses] == ["none", "jpeg"]


def test_every_defence_has_an_attacker_who_knows_it_for_every_seed():
    plan = make_evaluation(Request(defenses=("jpeg",), scale="paper"))
    labels = [(attack.defense.name, attack.seed) for attack in plan.adaptive_attacks()]
    assert labels == [(name, seed) for name in ("none", "jpeg") for seed in range(3)]
    assert make_evaluation(Request(is_adaptive=False)).adaptive_attacks() == []


def test_a_larger_epsilon_begins_with_what_the_smaller_found_and_the_smallest_is_made_first():
    chain = make_evaluation(Request(defenses=("jpeg",), is_audited=True)).adaptive_attacks()
    own = [attack for attack in chain if attack.defense.name == "jpeg"]
    epsilons = [attack.parameters["epsilon"] for attack in own]
    assert epsilons == sorted(epsilons)
    assert len(own) == 6
    assert [attack.smaller for attack in own] == [None, *own[:-1]]


def test_an_audit_has_every_probe_and_the_test_for_every_defence_and_none_for_no_defence():
    plan = make_evaluation(Request(defenses=("jpeg", "tvm"), is_audited=True))
    assert PROBES == probe_names.PROBES
    names = [attack.name for attack in plan.audit_attacks()]
    assert names == 2 * [*(f"probe-{name}" for name in PROBES), BINARISATION]
    assert {attack.defense.name for attack in plan.audit_attacks()} == {"jpeg", "tvm"}
    assert make_evaluation(Request(defenses=("jpeg",))).audit_attacks() == []
    assert make_evaluation(Request(table="adaptive")).audit is not None


def test_an_audit_without_an_attacker_is_refused():
    with pytest.raises(UserError, match=r"--audit must .* --no-adaptive"):
        make_evaluation(Request(is_audited=True, is_adaptive=False))


def test_a_setting_changes_what_deflects_and_nothing_else():
    plan = make_evaluation(Request(defenses=("pixel-deflection", "jpeg"), overrides={"window": 3}))
    assert [defense.settings for defense in plan.defenses] == [{}, {"window": 3}, {}]


def test_how_it_runs_is_no_part_of_a_plan_and_what_it_computes_is():
    plan = make_evaluation(Request())
    assert plan.digest == make_evaluation(Request()).digest
    assert plan.digest != make_evaluation(Request(seed=1)).digest
    assert {"batch_size", "concurrency"}.isdisjoint(field.name for field in dataclasses.fields(plan))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"attacks": ("fgms",)}, "no attack 'fgms', did you mean 'fgsm'"),
        ({"attacks": ("fgsm@2",)}, "within 0..1, got 'fgsm@2'"),
        ({"attacks": ("fgsm@x",)}, "within 0..1, got 'fgsm@x'"),
        ({"defenses": ("jpg",)}, "no defence 'jpg', did you mean 'jpeg'"),
        ({"table": "table-4.12"}, "no evaluation 'table-4.12', did you mean 'table-4"),
        ({"table": "figure-4.5"}, "thesis sweep pixel-deflection"),
        ({"scale": "smal"}, "--scale must be one of .* did you mean 'small'"),
        ({"part": "tset"}, "--part must be one of"),
    ],
)
def test_a_wrong_word_names_the_nearest_right_one(changes, message):
    with pytest.raises(UserError, match=message):
        make_evaluation(Request(**changes))


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("name", EVALUATIONS)
def test_every_declared_evaluation_can_be_planned_at_every_scale(name, scale):
    plan = make_evaluation(Request(table=name, scale=scale))
    declared = parse_attacks(find_evaluation(name).attacks, ATTACK_SETTINGS[scale])
    assert {attack.label for attack in plan.attacks} == {attack.label for attack in declared}


def test_an_epsilon_is_a_number_or_a_fraction_and_is_spent_to_the_end():
    _, pgd, fgsm = parse_attacks(["pgd:4/255", "fgsm:0.05"], ATTACK_SETTINGS["small"])
    assert (pgd.label, fgsm.label) == ("pgd:0.01569", "fgsm:0.05")
    assert pgd.parameters == {"num_steps": 10, "early_stop": False, "epsilon": 4 / 255}
    assert fgsm.parameters == {"epsilon": 0.05}


def test_the_attacks_with_an_epsilon_are_those_that_take_one():
    assert set(WITH_EPSILON) == {name for name, attack in ATTACKS.items() if attack.budget != "smallest"}
    going_on = {name for name in WITH_EPSILON if "early_stop" in signature(ATTACKS[name].function).parameters}
    assert going_on == {name for name, goes_on in WITH_EPSILON.items() if goes_on}


@pytest.mark.parametrize("wrong", ["pgd:", "pgd:x", "pgd:0", "pgd:1/0", "pgd:-1/255"])
def test_an_epsilon_that_is_no_positive_number_is_refused(wrong):
    with pytest.raises(UserError, match=f"positive number or fraction, got '{wrong}'"):
        parse_attacks([wrong], ATTACK_SETTINGS["small"])


def test_an_attack_for_the_smallest_change_takes_no_epsilon():
    with pytest.raises(UserError, match="deepfool looks for the smallest change"):
        parse_attacks(["deepfool:0.1"], ATTACK_SETTINGS["small"])


def published_table(name):
    content = tomllib.loads((files("thesis.paper") / "tables.toml").read_text(encoding="utf-8"))
    return next(table for table in content["table"] if table["id"] == name)


@pytest.mark.parametrize("name", TABLES)
def test_every_printed_number_has_a_cell_and_every_cell_a_measured_row(name):
    declared, table = find_evaluation(name), published_table(name)
    results = {column["key"] for column in table["columns"] if column["role"] != "setting"}
    printed = {
        (tuple(row[key] for key in table["row_keys"]), column)
        for row in table["rows"]
        for column in results
        if column in row
    }
    cells = {
        (tuple(cell.row[key] for key in table["row_keys"]), cell.column)
        for cell in declared.cells
        if not cell.is_quantity
    }
    absent = {
        (tuple(row[key] for key in table["row_keys"]), column)
        for row in table["rows"]
        for column in row.get("absent", ())
    }
    assert cells - absent == printed
    assert {cell.defense for cell in declared.cells} <= {"none", *declared.defenses}
    assert {attack for cell in declared.cells for attack in cell.attacks} <= {"clean", *declared.attacks}


@pytest.mark.parametrize("name", TABLES)
def test_attacks_have_the_size_that_their_row_prints(name):
    sizes = {
        (row.get("perturbation"), row["attack"]): row["l2"]
        for row in published_table(name)["rows"]
        if "l2" in row and row["attack"] != "clean"
    }
    for cell in find_evaluation(name).cells:
        key = (cell.row.get("perturbation"), cell.row.get("attack"))
        if key in sizes:
            assert cell.attacks[0].endswith(f"@{sizes[key]:g}")


def test_attacks_and_defences_are_names_that_the_workloads_know():
    assert all(set(settings) == set(ATTACKS) for settings in ATTACK_SETTINGS.values())
    for spec in DEFENSES.values():
        assert spec.kind != "rival" or (
            spec.rival in CATALOG and bool(spec.num_patches) == needs_bank(spec.rival)
        )
        validate(PixelDeflectionConfig(**(spec.settings if spec.kind == "deflection" else {})))


def test_a_chosen_setting_becomes_a_command_for_the_test_images():
    chosen = PixelDeflectionConfig(window=5, sigma=0.01, data="val set", num_votes=1, attack_scale="smoke")
    assert PIXEL_DEFLECTION.next_command(chosen) == (
        "thesis evaluate pixel-deflection --part test --images 'val set' --set window=5 --set sigma=0.01"
    )


def test_the_columns_of_the_ablation_do_what_their_names_say():
    steps = {}
    for cell in find_evaluation("table-4.7").cells:
        spec = DEFENSES[cell.defense]
        config = PixelDeflectionConfig(**spec.settings) if spec.kind == "deflection" else None
        deflects = config is not None and config.num_deflections > 0
        steps[cell.column] = (deflects, spec.rival if config is None else config.denoisers)
    assert steps == {
        "jpeg": (False, "jpeg"),
        "wd": (False, "wavelet"),
        "pd": (True, ""),
        "pd_jpeg": (True, "jpeg"),
        "wd_pd_jpeg": (True, "wavelet+jpeg"),
        "wd_pd": (True, "wavelet"),
    }


def test_an_evaluation_of_chapter_3_belongs_to_its_own_system_and_the_others_to_theirs():
    systems = {name: make_evaluation(Request(table=name)).system for name in ("table-3.1", "table-4.6")}
    assert systems == {"table-3.1": "aug-ms-roi", "table-4.6": "pixel-deflection"}


def test_a_chosen_kind_of_map_becomes_a_command_that_evaluates_it():
    chosen = AugmentedMapConfig(num_perturbations=10, perturbation_scale=0.4, num_val=8, seed=3)
    command = AUG_MSROI.next_command(chosen)
    assert command == (
        "thesis evaluate aug-ms-roi --part test --set num_perturbations=10 --set perturbation_scale=0.4"
    )


def test_settings_of_maps_reach_the_defences_by_regions_and_no_others():
    plan = make_evaluation(
        Request(system="aug-ms-roi", defenses=("aug-ms-roi-jpeg", "tvm"), overrides={"num_perturbations": 10})
    )
    of = {each.name: each.settings for each in plan.defenses}
    assert of["aug-ms-roi-jpeg"]["num_perturbations"] == 10
    assert "num_perturbations" not in of["tvm"]


@pytest.mark.parametrize(
    "name",
    [name for name, declared in EVALUATIONS.items() if any(cell.is_quantity for cell in declared.cells)],
)
def test_a_quantity_is_asked_of_attacks_and_defences_that_take_part(name):
    plan = make_evaluation(Request(table=name))
    attacks = {each.label for each in plan.attacks}
    defenses = {each.name for each in plan.defenses}
    for cell in (cell for cell in find_evaluation(name).cells if cell.is_quantity):
        assert cell.defense in defenses
        assert {each.label for each in parse_attacks(cell.attacks, ATTACK_SETTINGS["small"])} <= attacks
