import math

import pytest
from rich.console import Console

from thesis.reporting.evaluation.figures import accuracy_figure, adaptive_figure, rank_figure, write_figures
from thesis.reporting.evaluation.tables import (
    evaluation_markdown,
    evaluation_table,
    verdict_lines,
)


def line(attack, defense, value, **changes):
    shares = {}
    for name in ("accuracy", "vote_accuracy", "destruction", "vote_destruction"):
        shares |= {name: value, f"{name}_low": value - 0.1, f"{name}_high": value + 0.1}
    for name in ("adaptive_accuracy", "adaptive_vote_accuracy"):
        shares |= {name: 0.1, f"{name}_low": 0.0, f"{name}_high": 0.2}
    known = {"adaptive_epsilon": 4 / 255, "adaptive_num_seeds": 5}
    counts = {"num_images": 18, "num_votes": 1 if defense == "none" else 10, "num_fooled": 9, "l2": 0.02}
    return {"attack": attack, "defense": defense, **shares, **known, **counts, **changes}


@pytest.fixture
def summary():
    return [
        line(attack, defense, value)
        for attack, value in (("clean", 0.9), ("fgsm@0.05", 0.4), ("igsm@0.03", 0.5))
        for defense in ("none", "pixel-deflection")
    ]


def test_every_defence_line_says_what_is_left_of_it_before_who_knows_it(summary):
    console = Console(width=110, record=True, file=open("/dev/null", "w"))  # noqa: SIM115
    console.print(evaluation_table(summary))
    text = console.export_text()
    assert text.count("10 [0,20]") >= len(summary)
    assert "no value by more than 4/255" in text.replace("\n", " ")


def test_the_table_fits_a_terminal_of_110_columns_with_names_in_one_piece(summary):
    console = Console(width=110, record=True, file=open("/dev/null", "w"))  # noqa: SIM115
    console.print(evaluation_table(summary))
    assert "pixel-deflection" in console.export_text()


def test_the_statement_sets_both_attackers_side_by_side(summary):
    assert verdict_lines(summary)[0] == (
        "pixel-deflection: 40 to 50 % of the images are right after attacks that don't know it, 10 % (vote 10 %)"
        " after one that does."
    )
    assert "vote" in evaluation_markdown(summary)


def test_the_figure_has_a_point_per_attack_and_defence_and_one_for_who_knows_it(summary):
    axes = accuracy_figure(summary).axes[0]
    assert len(axes.containers) == 2 * (3 + 1)
    assert [label.get_text() for label in axes.get_xticklabels()][-1] == "adaptive\nattack"


def test_many_defences_become_a_map():
    summary = [line("fgsm", f"d{number}", 0.5) for number in range(12)]
    axes = accuracy_figure(summary).axes[0]
    assert axes.images[0].get_array().shape == (12, 2)


def point(defense, epsilon, num_draws, value):
    ends = {f"{name}_{end}": value for name in ("accuracy", "vote_accuracy") for end in ("low", "high")}
    found = {"defense": defense, "epsilon": epsilon, "num_draws": num_draws}
    return {**found, "accuracy": value, "vote_accuracy": value, **ends}


def test_curves_are_drawn_against_epsilon_and_against_draws():
    curves = [point("pd", epsilon, 2, 0.5) for epsilon in (0.01, 0.02, 0.03)]
    curves += [point("pd", 0.01, 4, 0.3), point("none", 0.01, 1, 0.1)]
    left, right = adaptive_figure(curves).axes
    assert [len(drawn.get_xdata()) for drawn in left.lines] == [3, 3, 1]
    assert [list(drawn.get_xdata()) for drawn in right.lines] == [[2, 4], [2, 4]]


def test_an_audits_attacks_take_the_place_of_the_draws():
    probes = [
        {
            "defense": "pd",
            "probe": name,
            "epsilon": 0.01,
            "accuracy": 0.5,
            "accuracy_low": 0.4,
            "accuracy_high": 0.6,
        }
        for name in ("plain", "noise")
    ]
    right = adaptive_figure([point("pd", 0.01, 2, 0.5), point("pd", 0.02, 2, 0.5)], [], probes).axes[1]
    assert [text.get_text() for text in right.get_xticklabels()] == ["plain", "noise"]
    assert len(right.containers) == 2


def row(rank, **changes):
    values = {
        "attack": "fgsm",
        "defense": "none",
        "status": "attacked",
        "label": 1,
        "adversarial_prediction": 2,
    }
    return {**values, "adversary_rank": rank, "label_rank": 2, **changes}


def test_ranks_are_shares_of_the_fooled_images_alone():
    rows = [row(1), row(2), row(2), row(0), row(3, adversarial_prediction=1)]
    heights = [bar.get_height() for bar in rank_figure(rows).axes[0].patches]
    assert heights == [25, 25, 50, 0, 0, 0]


def test_every_figure_is_written_where_there_are_numbers_for_it(summary, tmp_path):
    assert [path.name for path in write_figures(tmp_path, summary, [], [])] == [
        "accuracy.png",
        "accuracy.svg",
    ]
    assert not any(math.isnan(each["accuracy"]) for each in summary)
