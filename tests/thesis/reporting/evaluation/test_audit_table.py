from rich.console import Console

from thesis.reporting.evaluation.audit_table import audit_lines, audit_markdown, audit_table
from thesis.reporting.evaluation.tables import caption, evaluation_markdown

AUDITED = [
    {"defense": "pd", "check": "steps", "verdict": "pass", "numbers": "3 of 9"},
    {"defense": "pd", "check": "noise", "verdict": "fail", "numbers": "4 against 2"},
    {"defense": "tvm", "check": "steps", "verdict": "pass", "numbers": "0 of 9"},
    {"defense": "tvm", "check": "draws", "verdict": "not applicable", "numbers": "draws nothing"},
]


def summary_row(**changes):
    row = {
        "attack": "clean",
        "defense": "pd",
        "l2": 0.0,
        "num_votes": 10,
        "num_fooled": 0,
        "vote_destruction": 0.0,
    }
    for name in ("accuracy", "vote_accuracy", "adaptive_accuracy", "adaptive_vote_accuracy"):
        row |= {name: 0.5, f"{name}_low": 0.4, f"{name}_high": 0.6}
    return {**row, "adaptive_epsilon": 4 / 255, "adaptive_num_seeds": 1, **changes}


def test_a_failed_check_is_named_in_a_sentence_and_a_clean_audit_says_so():
    failed, passed = audit_lines(AUDITED)
    assert failed.startswith("pd: 1 of 2 checks failed (noise)")
    assert passed == "tvm: all 1 checks that apply passed."


def test_every_check_is_a_line_with_its_numbers():
    text = audit_markdown(AUDITED)
    assert "| pd | noise | fail | 4 against 2 |" in text
    assert text.count("\n|") == 1 + len(AUDITED)
    console = Console(width=120)
    with console.capture() as shown:
        console.print(audit_table(AUDITED))
    assert "4 against 2" in shown.get()


def test_numbers_that_rest_on_a_failed_check_carry_the_mark_and_others_do_not():
    marked = evaluation_markdown([summary_row(num_failed_checks=1)])
    assert marked.count("50 [40,60]!") == 2
    assert "!: a check of that attack failed." in marked
    assert "!" not in evaluation_markdown([summary_row(num_failed_checks=0)])
    assert "!" not in caption([summary_row()])
