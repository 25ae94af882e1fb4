from pathlib import Path
from types import SimpleNamespace

import pytest

from thesis.execution.evaluation.findings import MEASURES, data_used, findings_of
from thesis.experiments.evaluation_plan import Request, make_evaluation
from thesis.experiments.evaluations import EVALUATIONS, find_evaluation

RIGHT, WRONG = 1, 0


def row(name, attack, defense, *, single=RIGHT, vote=RIGHT, adversarial=WRONG, **changes):
    values = {"id": name, "attack": attack, "defense": defense, "status": "attacked", "label": RIGHT}
    values |= {"single": single, "vote": vote, "adversarial_prediction": adversarial, "probability": 0.5}
    return {**values, "adversary_rank": 2, "label_rank": 3, "num_votes": 10, "defend_s": 1.0, **changes}


def evaluated(table, rows, *, classifier="", names=("a.jpg",), summary=()):
    photographs = tuple(SimpleNamespace(path=Path(name)) for name in names)
    return SimpleNamespace(
        plan=make_evaluation(Request(table=table, scale="smoke", classifier=classifier)),
        images=SimpleNamespace(photographs=photographs, name="photos", digest="d"),
        rows=SimpleNamespace(to_pylist=lambda: rows),
        counts={"num_entered": 2, "num_images": 3},
        problems={},
        summary=list(summary),
        audit=[],
    )


def cell_of(findings, column, **keys):
    return next((each for each in findings.cells if each.column == column and dict(each.row) == keys), None)


def test_a_number_is_the_mean_over_the_images_in_the_tables_unit():
    rows = [
        row("a", "fgsm@0.05", "pixel-deflection", single=WRONG),
        row("b", "fgsm@0.05", "pixel-deflection"),
        row("c", "fgsm@0.05", "pixel-deflection", status="misclassified"),
    ]
    found = findings_of(find_evaluation("table-4.3"), evaluated("table-4.3", rows))
    assert cell_of(found, "single", attack="fgsm").values == {"a": 0.0, "b": 100.0}
    assert cell_of(found, "ens10", attack="fgsm").values == {"a": 100.0, "b": 100.0}
    assert cell_of(found, "single", attack="igsm") is None


def test_only_images_that_the_attack_fooled_have_a_part_in_a_destruction_rate():
    rows = [
        row("a", "fgsm@0.05", "pd", vote=WRONG),
        row("b", "fgsm@0.05", "pd"),
        row("c", "fgsm@0.05", "pd", adversarial=RIGHT),
    ]
    found = findings_of(find_evaluation("table-4.6"), evaluated("table-4.6", rows))
    assert cell_of(found, "fgsm", group="pixel-deflection", defense="pd").values == {"a": 0.0, "b": 1.0}


def test_a_number_over_several_attacks_is_their_mean_image_by_image():
    attacks = [attack for attack in find_evaluation("table-4.11").attacks if attack != "clean"]
    rows = [row("a", attack, "w10", single=int(place < 3)) for place, attack in enumerate(attacks)]
    found = findings_of(find_evaluation("table-4.11"), evaluated("table-4.11", rows))
    assert cell_of(found, "w10", part="replacement", option="random").values == {"a": 50.0}


def test_a_claims_quantity_is_marked_as_no_cell_of_a_table():
    attack = find_evaluation("figure-4.6").attacks[0]
    rows = [row("a", attack, "none"), row("b", attack, "none", adversary_rank=4, label_rank=0)]
    found = findings_of(find_evaluation("figure-4.6"), evaluated("figure-4.6", rows))
    second = cell_of(found, "share_adversarial_class_at_clean_rank", rank=2)
    assert (second.values, second.is_quantity) == ({"a": 1.0, "b": 0.0}, True)
    assert cell_of(found, "share_clean_class_in_adversarial_top5").values == {"a": 1.0, "b": 0.0}


def test_stand_ins_for_different_classifiers_are_different_data():
    names = {
        data_used(find_evaluation(table), evaluated(table, [])).name for table in ("table-4.3", "table-4.4")
    }
    assert names == {"photos, efficientnet-lite0 for resnet-50", "photos, efficientnet-lite1 for vgg-19"}


@pytest.mark.parametrize(
    ("classifier", "name", "is_published"),
    [
        ("resnet-50", "ILSVRC2012_val_00000001.JPEG", True),
        ("resnet-50", "a.jpg", False),
        ("vgg-19", "ILSVRC2012_val_00000001.JPEG", False),
    ],
)
def test_the_texts_data_are_its_classifier_on_imagenets_validation_images(classifier, name, is_published):
    found = data_used(
        find_evaluation("table-4.3"), evaluated("table-4.3", [], classifier=classifier, names=(name,))
    )
    assert found.is_published is is_published


def test_what_who_knows_the_defence_leaves_of_it_stands_beside_every_table():
    known = {"adaptive_epsilon": 4 / 255, "adaptive_vote_accuracy": 0.1}
    summary = [{"defense": "none", **known}, {"defense": "pd", **known}]
    found = findings_of(find_evaluation("table-4.6"), evaluated("table-4.6", [], summary=summary))
    assert "by more than 4/255, the vote is right on: pd 10 %" in found.notes[-1]


def test_a_failed_audit_stands_beside_every_table():
    given = evaluated("table-4.6", [])
    given.audit = [{"defense": "pd", "check": "steps", "verdict": "fail", "numbers": ""}]
    found = findings_of(find_evaluation("table-4.6"), given)
    assert found.notes[-1] == "The audit of that attacker failed for pd: steps."


def test_every_cell_and_quantity_names_a_measure_and_rows_that_are_there():
    for declared in EVALUATIONS.values():
        for cell in declared.cells:
            assert cell.measure in MEASURES
            assert cell.defense in ("none", *declared.defenses)
            assert set(cell.attacks) <= {"clean", *declared.attacks}
