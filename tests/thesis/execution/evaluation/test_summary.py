import pytest

from thesis.execution.evaluation.summary import adaptive_curves, counts, problems, summarise
from thesis_workloads.contract.evaluation import parse_attacks, parse_defenses
from thesis_workloads.systems.pixel_deflection.experiment import ATTACK_SETTINGS, DEFENSES


def row(name, *, attack="fgsm", defense="none", single=1, vote=1, adversarial=0, clean=1, status="attacked"):
    return {
        "id": name,
        "attack": attack,
        "defense": defense,
        "label": 1,
        "status": status,
        "error": "why" if status in ("failed", "unreadable") else "",
        "clean_prediction": clean,
        "adversarial_prediction": adversarial,
        "single": single,
        "vote": vote,
        "num_votes": 3,
        **dict.fromkeys(("l2", "linf", "probability", "undefended_probability", "mse", "ssim", "psnr"), 0.5),
    }


@pytest.fixture
def plan(evaluation):
    return evaluation(
        attacks=parse_attacks(["fgsm"], ATTACK_SETTINGS["smoke"]),
        defenses=parse_defenses(["pixel-deflection"], DEFENSES, overrides={}, num_votes=3),
    )


def line(plan, rows, attack="fgsm", defense="pixel-deflection"):
    return next(r for r in summarise(plan, rows) if (r["attack"], r["defense"]) == (attack, defense))


def test_accuracy_and_destruction_rate_count_as_the_text_defines_them(plan):
    # Five were right before. Four were fooled; of those a draw gives back two, the vote three.
    shared = {"defense": "pixel-deflection"}
    rows = [
        row("a", adversarial=1, single=1, vote=1, **shared),
        row("b", adversarial=0, single=1, vote=1, **shared),
        row("c", adversarial=2, single=1, vote=1, **shared),
        row("d", adversarial=0, single=0, vote=1, **shared),
        row("e", adversarial=0, single=0, vote=0, **shared),
    ]
    found = line(plan, rows)
    assert (found["accuracy"], found["vote_accuracy"]) == (3 / 5, 4 / 5)
    assert (found["destruction"], found["vote_destruction"], found["num_fooled"]) == (2 / 4, 3 / 4, 4)


def test_images_that_did_not_enter_count_nowhere(plan):
    rows = [
        row("a", defense="pixel-deflection"),
        row("b", defense="pixel-deflection", status="misclassified", single=-1, vote=-1),
        row("c", defense="pixel-deflection", status="failed", single=-1, vote=-1),
    ]
    assert line(plan, rows)["num_images"] == 1


def adaptive_rows(plan, right):
    """`right`: image -> whether it is right, per seed."""
    attacks = [attack for attack in plan.adaptive_attacks() if attack.defense.name == "pixel-deflection"]
    return [
        row(name, attack=attack.label, defense="pixel-deflection", single=int(values[number]), vote=1)
        for number, attack in enumerate(attacks)
        for name, values in right.items()
    ]


def test_the_adaptive_column_is_the_mean_over_seeds_with_an_interval_over_images(plan):
    rows = adaptive_rows(plan, {"a": (1, 1), "b": (0, 1), "c": (0, 0), "d": (0, 0)})
    found = line(plan, rows)
    assert found["adaptive_accuracy"] == 3 / 8
    assert 0 <= found["adaptive_accuracy_low"] < 3 / 8 < found["adaptive_accuracy_high"] <= 1
    assert found["adaptive_num_seeds"] == 2


def test_where_all_images_agree_the_interval_still_has_a_width(plan):
    found = line(plan, adaptive_rows(plan, {"a": (0, 0), "b": (0, 0)}))
    assert found["adaptive_accuracy"] == found["adaptive_accuracy_low"] == 0
    assert found["adaptive_accuracy_high"] == pytest.approx(0.6576, abs=1e-3)


def test_every_strength_of_the_known_attacker_has_a_point(plan):
    curves = adaptive_curves(plan, adaptive_rows(plan, {"a": (0, 1)}))
    of_deflection = [point for point in curves if point["defense"] == "pixel-deflection"]
    assert [(p["epsilon"], p["num_draws"], p["accuracy"]) for p in of_deflection] == [(0.03, 2, 0.5)]


def test_images_are_counted_once_and_named_where_they_were_lost(plan):
    rows = [
        row(name, attack=attack, defense=defense, status=status)
        for attack in ("clean", "fgsm")
        for defense in ("none", "pixel-deflection")
        for name, status in (("a", "attacked"), ("b", "misclassified"), ("c", "unreadable"))
    ]
    assert counts(plan, rows) == {
        "num_images": 3,
        "num_entered": 1,
        "num_misclassified": 1,
        "num_unreadable": 1,
        "num_failed": 0,
    }
    assert problems(rows) == {"c": "why"}
