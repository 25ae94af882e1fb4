"""Accuracy of pixel deflection before an attacker who knows it, against epsilon, and the audit of the attacker.

    OMP_NUM_THREADS=1 python tests/benchmarks/measure_adaptive.py [--scale small] [--classifiers A,B]
        [--epsilons 0.25,0.5,1] [--no-audit] [--data-dir D] [--output-dir O]

Runs the declared evaluation `adaptive` (``thesis evaluate --table adaptive``) on the shipped photographs for each
network, and keeps tables and figure as results/adaptive.md and results/adaptive.png. What an earlier version
measured stays at the end of the page, with its date. Adversarial images are kept in the data folder, so an interrupted
run goes on.
"""

import argparse
import dataclasses
import shutil
import tempfile
from pathlib import Path

from machine import describe_machine
from rich.console import Console

from thesis.cli.printing.evaluation_outcome import print_evaluation, watching
from thesis.execution.evaluation.pipeline import Throughput
from thesis.execution.evaluation.run import EvaluationOptions, EvaluationOutcome
from thesis.experiments.evaluation_plan import Request, make_evaluation
from thesis.workflows.evaluate import evaluate
from thesis_workloads.contract.evaluation_plan import EvaluationPlan

RESULTS = Path(__file__).parent / "results"
EARLIER = "## Earlier figures"  # what stands below this heading is kept as it is


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--scale", default="small")
    parser.add_argument("--classifiers", default="efficientnet-lite0,efficientnet-lite1,efficientnet-lite2")
    parser.add_argument("--epsilons", default="", help="x 255, with commas; default: the table's")
    parser.add_argument("--no-audit", action="store_true")
    parser.add_argument("--concurrency", type=int, default=None)
    parser.add_argument("--data-dir", type=Path, default=None)
    parser.add_argument("--output-dir", type=Path, default=None)
    arguments = parser.parse_args()
    console, outcomes = Console(), []
    for classifier in arguments.classifiers.split(","):
        plan = make_evaluation(Request(table="adaptive", scale=arguments.scale, classifier=classifier))
        plan = changed(plan, epsilons=arguments.epsilons, is_audited=not arguments.no_audit)
        outcome = evaluate(
            plan,
            EvaluationOptions(
                output_dir=arguments.output_dir or Path(tempfile.mkdtemp()),
                data_dir=arguments.data_dir,
                throughput=Throughput(concurrency=arguments.concurrency),
            ),
            watch=watching(quiet=False, console=console),
        )
        print_evaluation(outcome, console)
        outcomes.append(outcome)
    options = [f"--scale {arguments.scale}", f"--classifiers {arguments.classifiers}"]
    options += [f"--epsilons {arguments.epsilons}"] if arguments.epsilons else []
    options += ["--no-audit"] if arguments.no_audit else []
    keep(outcomes, f"python tests/benchmarks/measure_adaptive.py {' '.join(options)}")


def changed(plan: EvaluationPlan, *, epsilons: str, is_audited: bool) -> EvaluationPlan:
    """Returns the plan at other strengths, or without its audit."""
    strengths = tuple(
        dataclasses.replace(plan.adaptive[0], epsilon=float(each) / 255)
        for each in epsilons.split(",")
        if each
    )
    return dataclasses.replace(
        plan, adaptive=strengths or plan.adaptive, audit=plan.audit if is_audited else None
    )


def keep(outcomes: list[EvaluationOutcome], command: str) -> None:
    page = RESULTS / "adaptive.md"
    _, _, earlier = page.read_text(encoding="utf-8").partition(EARLIER)
    lines = [
        "# An attacker who knows pixel deflection",
        "",
        describe_machine(command, packages=("torch", "ray")).replace("before", "after"),
        "",
        "![Accuracy against epsilon, and the attacks of the audit](adaptive.png)",
        "",
    ]
    for outcome in outcomes:
        results, evaluated = outcome.folder / "results", outcome.evaluated
        lines += [
            f"## {evaluated.plan.classifier}",
            "",
            f"{evaluated.counts['num_entered']} of {evaluated.counts['num_images']} shipped photographs, those that"
            f" it gets right; {evaluated.rows.num_rows} rows in {evaluated.seconds:.0f} s, less what was in the store.",
            "",
            (results / "adaptive.md").read_text(encoding="utf-8"),
        ]
        if evaluated.audit:
            lines += [(results / "audit.md").read_text(encoding="utf-8")]
    page.write_text("\n".join([*lines, EARLIER + earlier]), encoding="utf-8")
    shutil.copy(outcomes[0].folder / "results" / "adaptive.png", RESULTS / "adaptive.png")


if __name__ == "__main__":
    main()
