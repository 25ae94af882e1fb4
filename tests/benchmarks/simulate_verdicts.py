"""Error rates and power of the verdicts on made-up tables whose truth is known.

Usage:

    python tests/benchmarks/simulate_verdicts.py {fixed,looking} [--draws 10000] [--write]

Three questions, each on normal samples of standard deviation 1:

- fixed: with five fixed seeds, how often is a claim refuted that is true with nothing to spare (all means equal)? A
  chain of seven and a lead over the best of nine go through the project's own `judge`.
- looking: after every seed, from 3 to 30: how often does a claim of zero effect ever get a false verdict, by Student's
  t test and by the anytime-valid test of `thesis.paper.sequential`? 10,000 claims each of 1, 9 and 54 comparisons.
- looking, too: what does the right to look cost? Share decided and mean number of seeds for true effects of 0.5, 1
  and 2 standard deviations, looking up to 30 seeds, next to the t test with 3, 5 and 30 fixed seeds.
"""

import argparse
import dataclasses
import functools
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "platform"), str(ROOT / "workloads"), str(Path(__file__).parent)]

import numpy as np  # noqa: E402
from machine import describe_machine  # noqa: E402
from numpy.typing import NDArray  # noqa: E402
from scipy import stats  # noqa: E402

from thesis.paper.reference import Claim, read_reference  # noqa: E402
from thesis.paper.sequential import anytime_quantile  # noqa: E402
from thesis.paper.verdicts import judge  # noqa: E402
from thesis.results.measured_tables import MeasuredData, MeasuredRow, MeasuredTable, Samples, collect  # noqa: E402

RESULTS = Path(__file__).parent / "results"
NAMES = (
    "standard",
    "random",
    "activations",
    "apoz",
    "gradients",
    "taylor",
    "hessian",
    "weights",
    "oracle",
    "ortho",
)
ALPHA, NUM_SEEDS, FIRST, LAST = 0.05, 5, 3, 30
Floats = NDArray[np.float64]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("part", choices=("fixed", "looking"))
    parser.add_argument("--draws", type=int, default=10_000)
    parser.add_argument("--write", action="store_true", help="write the results file")
    arguments = parser.parse_args()
    heading = describe_machine(f"python {' '.join(sys.argv)}", packages=("numpy", "scipy", "statsmodels"))
    lines = ["# Error rates of the verdicts", "", heading, ""]
    if arguments.part == "fixed":
        lines += fixed_lines(arguments.draws)
    else:
        lines += [*looking_lines(arguments.draws), "", *power_lines(arguments.draws)]
    text = "\n".join(lines) + "\n"
    print(text)
    if arguments.write:
        (RESULTS / f"verdict_error_rates_{arguments.part}.md").write_text(text, encoding="utf-8")


def fixed_lines(num_draws: int) -> list[str]:
    """Returns how often claims of equal means are refuted with fixed seeds."""
    cells = [f'cell("table-5.1", "accuracy", metric="{name}")' for name in NAMES]
    checks = {
        "x1 >= x2 >= ... >= x7, all equal": " >= ".join(cells[:7]),
        "a > max of nine, all equal": f"{cells[0]} > max({', '.join(cells[1:])})",
    }
    lines = [
        f"## Refuted with {NUM_SEEDS} fixed seeds, all means equal, of {num_draws} draws",
        "",
        "| claim | does not hold |",
        "|---|---:|",
    ]
    for name, check in checks.items():
        share = share_refuted(check, num_draws=num_draws, num_seeds=NUM_SEEDS)
        lines.append(f"| {name} | {100 * share:.2f} % |")
    return lines


def share_refuted(check: str, *, num_draws: int, num_seeds: int) -> float:
    """Returns the share of draws in which the project's judge says that the claim does not hold."""
    generator = np.random.default_rng([17, num_seeds])
    reference = read_reference()
    claim = dataclasses.replace(reference.claims["repr.ortho-beats-oracle"], check=check, forall={})
    return (
        sum(is_refuted(claim, generator.normal(size=(len(NAMES), num_seeds))) for _ in range(num_draws))
        / num_draws
    )


def is_refuted(claim: Claim, draws: Floats) -> bool:
    rows = tuple(
        MeasuredRow(
            keys={"metric": name},
            cells={"accuracy": Samples(values={str(i): 70 + float(v) for i, v in enumerate(values)})},
        )
        for name, values in zip(NAMES, draws, strict=True)
    )
    data = MeasuredData(name="made up")
    table = MeasuredTable(id="table-5.1", system="repr", scale="small", data=data, rows=rows)
    return judge(claim, read_reference(), collect([table])).verdict == "does not hold"


def looking_lines(num_draws: int) -> list[str]:
    """Returns how often a claim of zero effects ever gets a verdict, looking after each seed."""
    lines = [
        f"## A false verdict at any look, from {FIRST} to {LAST} seeds, all effects zero",
        "",
        "Each comparison is tested at 5 % divided by their number; a claim is false as soon as one of them is decided.",
        "",
        "| comparisons in the claim | t test at each look | anytime-valid test |",
        "|---:|---:|---:|",
    ]
    for number in (1, 9, 54):
        generator = np.random.default_rng([23, number])
        wrong = np.zeros(2)
        for _ in range(num_draws):
            looks = ratios(generator.normal(size=(number, LAST)))
            wrong += [(abs(looks) > bounds(kind, ALPHA / number)).any() for kind in ("t", "anytime")]
        shares = " | ".join(f"{100 * share:.1f} %" for share in wrong / num_draws)
        lines.append(f"| {number} | {shares} |")
    return lines


def power_lines(num_draws: int) -> list[str]:
    """Returns what one comparison's true effect takes to be decided."""
    lines = [
        "## One comparison with a true effect: decided, and seeds spent",
        "",
        f"| effect, sd | t, 3 seeds | t, 5 seeds | t, {LAST} seeds | looking up to {LAST} | seeds spent | wrong side |",
        "|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for effect in (0.5, 1.0, 2.0):
        draws = np.random.default_rng([29, int(10 * effect)]).normal(effect, 1, (num_draws, LAST))
        looks = ratios(draws)
        is_out = abs(looks) > bounds("anytime", ALPHA)
        decided, first = is_out.any(1), is_out.argmax(1)
        spent = np.where(decided, first + FIRST, LAST).mean()
        wrong = (decided & (looks[np.arange(num_draws), first] < 0)).mean()
        fixed = [(abs(looks[:, n - FIRST]) > bounds("t", ALPHA)[n - FIRST]).mean() for n in (3, 5, LAST)]
        shares = " | ".join(f"{100 * share:.0f} %" for share in (*fixed, decided.mean()))
        lines.append(f"| {effect:g} | {shares} | {spent:.1f} | {100 * wrong:.2f} % |")
    return lines


def ratios(draws: Floats) -> Floats:
    """Returns the t statistic ``(C, looks)`` after each number of seeds from `FIRST` on."""
    numbers = np.arange(1, draws.shape[1] + 1)
    means = draws.cumsum(1) / numbers
    squares = (draws**2).cumsum(1) - numbers * means**2
    return (means[:, 1:] / np.sqrt(squares[:, 1:] / (numbers[1:] - 1) / numbers[1:]))[:, FIRST - 2 :]


@functools.cache
def bounds(kind: str, alpha: float) -> Floats:
    """Returns the t statistic at which each look decides."""
    numbers = range(FIRST, LAST + 1)
    if kind == "t":
        return np.array([stats.t.ppf(1 - alpha / 2, n - 1) for n in numbers])
    return np.array([anytime_quantile(alpha, num_samples=n, degrees=n - 1) for n in numbers])


if __name__ == "__main__":
    main()
