import pytest

from thesis.reporting.evaluation.adaptive_table import adaptive_markdown, is_curve, non_adaptive, statements


def known(defense, epsilon, num_draws, vote):
    values = {"accuracy": vote, "vote_accuracy": vote}
    ends = {f"{name}_{end}": vote for name in values for end in ("low", "high")}
    strength = {"epsilon": epsilon, "num_steps": 8, "num_draws": num_draws, "num_seeds": 5}
    return {"defense": defense, **strength, **values, **ends}


def unknown(attack, defense, vote):
    values = {"accuracy": vote, "vote_accuracy": vote}
    return {
        "attack": attack,
        "defense": defense,
        **values,
        **{f"{n}_{e}": vote for n in values for e in ("low", "high")},
    }


CURVES = [
    known("none", 1 / 255, 1, 0.1),
    known("pd", 1 / 255, 1, 0.3),
    known("pd", 1 / 255, 4, 0.2),
    known("pd", 2 / 255, 1, 0.0),
]
SUMMARY = [
    unknown("clean", "pd", 0.9),
    unknown("pgd:0.007843", "pd", 0.5),
    unknown("pgd:0.003922", "pd", 0.8),
    unknown("pgd@0.02", "pd", 0.4),
]


def test_one_strength_per_defence_is_no_curve():
    assert not is_curve([known("none", 0.1, 1, 0.1), known("pd", 0.1, 2, 0.1)])
    assert is_curve(CURVES)


def test_who_does_not_know_the_defence_is_found_by_epsilon_in_order():
    assert [(round(255 * epsilon), row["vote_accuracy"]) for epsilon, row in non_adaptive(SUMMARY, "pd")] == [
        (1, 0.8),
        (2, 0.5),
    ]


@pytest.mark.parametrize(
    "line",
    [
        "pd: at 1/255 the vote is right on 80 % of the images if the attacker does not know the defence and on 20 %",
        "pd: at 1/255 an attacker who averages 4 draws a step instead of 1 leaves 20 % of single draws right"
        " instead of 30 %",
    ],
)
def test_the_statement_is_of_the_epsilon_where_knowing_changes_most(line):
    assert any(each.startswith(line) for each in statements(CURVES, SUMMARY))


def test_both_attackers_of_one_strength_stand_in_one_line():
    assert "| pd | 1 | 8 | 4 | 20 [20,20] | 20 [20,20] | 80 [80,80] | 80 [80,80] |" in adaptive_markdown(
        CURVES, SUMMARY
    )
