import pytest

from thesis.execution.evaluation.audit import audit_rows, failed_checks, marked, probe_rows
from thesis.experiments.evaluation_plan import Request, make_evaluation
from thesis_workloads.attacks.audit import CHECKS
from thesis_workloads.attacks.probe_names import NO_GRADIENT, PROBES

IMAGES = [f"image-{number}" for number in range(20)]


@pytest.fixture(scope="module")
def plan():
    return make_evaluation(Request(defenses=("pixel-deflection",), is_audited=True))


def rows_of(plan, num_right=lambda attack: 0, **changes):
    """One row per image and attack who knows the defence; so many of the images are still right."""
    rows = []
    for attack in [*plan.adaptive_attacks(), *plan.audit_attacks()]:
        for number, name in enumerate(IMAGES):
            given = 1 if number < num_right(attack) else 0
            values = {
                "id": name,
                "status": "attacked",
                "attack": attack.label,
                "defense": attack.defense.name,
            }
            values |= {"label": 1, "vote": given, "single": given, "outside": 0.0, "found_by": "found"}
            rows.append({**values, "linf": attack.parameters["epsilon"], **changes})
    return rows


def verdicts(plan, rows):
    return {row["check"]: row["verdict"] for row in audit_rows(plan, rows)}


def test_every_defence_has_the_whole_checklist(plan):
    found = audit_rows(plan, rows_of(plan))
    assert [row["check"] for row in found] == list(CHECKS)
    assert {row["defense"] for row in found} == {"pixel-deflection"}
    assert {row["verdict"] for row in found} == {"pass"}


def test_an_attack_without_gradient_that_breaks_more_fails_the_audit_and_marks_the_numbers(plan):
    rows = rows_of(plan, lambda attack: 12 if attack.name in ("probe-plain", "probe-one-step") else 0)
    failed = failed_checks(audit_rows(plan, rows))
    assert "the gradient beats gradient-free attacks" in failed["pixel-deflection"]
    summary = [{"defense": "none"}, {"defense": "pixel-deflection"}]
    found = marked(summary, audit_rows(plan, rows))
    assert "num_failed_checks" not in found[0]
    assert found[1]["num_failed_checks"] == len(failed["pixel-deflection"])


def test_a_change_beyond_epsilon_fails_the_last_check(plan):
    rows = rows_of(plan)
    rows[-1]["linf"] += 0.01
    assert verdicts(plan, rows)["bounds and epsilon are held"] == "fail"


def test_without_a_gradient_the_checks_of_it_do_not_apply(plan):
    found = verdicts(plan, rows_of(plan, found_by=NO_GRADIENT))
    assert found["the gradient beats random noise"] == "not applicable"
    assert found["the binarisation test's planted success is found"] == "not applicable"


def test_a_network_that_the_same_budget_does_not_break_fails_the_first_check(plan):
    found = verdicts(plan, rows_of(plan, lambda attack: 3 if attack.defense.name == "none" else 0))
    assert found["the undefended network reaches zero"] == "fail"


def test_every_probe_has_its_share_and_the_test_has_none(plan):
    found = {
        row["probe"]: row for row in probe_rows(plan, rows_of(plan, lambda a: 5 * (a.name == "probe-noise")))
    }
    assert list(found) == list(PROBES)
    assert (found["noise"]["accuracy"], found["plain"]["accuracy"]) == (0.25, 0.0)
    assert 0 < found["noise"]["accuracy_low"] < 0.25 < found["noise"]["accuracy_high"] < 1


def test_nothing_is_audited_unasked():
    plain = make_evaluation(Request(defenses=("pixel-deflection",)))
    assert audit_rows(plain, []) == []
