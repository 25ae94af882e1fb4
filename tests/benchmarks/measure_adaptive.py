"""Accuracy of pixel deflection before an attacker who knows it: against epsilon, and against EOT draws.

    OMP_NUM_THREADS=1 python tests/benchmarks/measure_adaptive.py [--scale small] [--data-dir D] [--output-dir O]

Runs the declared evaluation `adaptive` (``thesis evaluate --table adaptive``) on the shipped photographs and
network, and keeps its table and its figure as results/adaptive.md and results/adaptive.png. Adversarial images
are kept in the data folder, so an interrupted run goes on. About half an hour of one core at the scale "small".
"""

import argparse
import shutil
import tempfile
from pathlib import Path

from machine import describe_machine
from rich.console import Console

from thesis.cli.evaluation_outcome import conclude, print_evaluation, watching
from thesis.execution.evaluate import EvaluationOptions, EvaluationOutcome, catalog_source, run_evaluation
from thesis.experiments.evaluation_plan import Request, make_evaluation

RESULTS = Path(__file__).parent / "results"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--scale", default="small")
    parser.add_argument("--data-dir", type=Path, default=None)
    parser.add_argument("--output-dir", type=Path, default=None)
    arguments = parser.parse_args()
    console = Console()
    plan = make_evaluation(Request(table="adaptive", scale=arguments.scale))
    options = EvaluationOptions(
        output_dir=arguments.output_dir or Path(tempfile.mkdtemp()), data_dir=arguments.data_dir
    )
    outcome = run_evaluation(
        plan,
        options,
        catalog_source(plan.classifier, weights=plan.weights),
        watch=watching(quiet=False, console=console),
        conclude=conclude,
    )
    print_evaluation(outcome, console)
    keep(outcome)


def keep(outcome: EvaluationOutcome) -> None:
    results, evaluated = outcome.folder / "results", outcome.evaluated
    lines = [
        "# An attacker who knows pixel deflection",
        "",
        describe_machine(
            f"python tests/benchmarks/measure_adaptive.py --scale {evaluated.plan.scale}",
            packages=("torch", "ray"),
        ).replace("before", "after"),
        f"{evaluated.counts['num_entered']} of {evaluated.counts['num_images']} shipped photographs, those that"
        f" {evaluated.plan.classifier} gets right; {evaluated.rows.num_rows} rows in {evaluated.seconds:.0f} s.",
        "",
        "![Accuracy against epsilon and against draws](adaptive.png)",
        "",
        (results / "adaptive.md").read_text(encoding="utf-8"),
    ]
    (RESULTS / "adaptive.md").write_text("\n".join(lines), encoding="utf-8")
    shutil.copy(results / "adaptive.png", RESULTS / "adaptive.png")


if __name__ == "__main__":
    main()
