"""What ``thesis evaluate`` prints: its plan, its progress, its table next to the published one."""

import shlex
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from thesis.execution.evaluation.cost import estimate_evaluation
from thesis.execution.evaluation.images import images_of_plan
from thesis.execution.evaluation.run import EvaluationOutcome
from thesis.execution.storage.cache import cache_root
from thesis.reporting.evaluation.adaptive_table import is_curve, statements
from thesis.reporting.evaluation.audit_table import audit_lines, audit_table
from thesis.reporting.evaluation.tables import (
    evaluation_table,
    verdict_lines,
)
from thesis.settings import DEFAULT_OUTPUT_DIR
from thesis.tracking.mlflow.pages import run_page
from thesis_workloads.contract.evaluation_plan import EvaluationPlan

_SAY_EVERY_S = 10.0


def watching(
    *, quiet: bool, console: Console
) -> Callable[[int], AbstractContextManager[Callable[[int], None]]]:
    """Returns the function that shows how many rows are done, and how fast, while a ``with`` block lasts."""

    @contextmanager
    def watch(total: int) -> Iterator[Callable[[int], None]]:
        if quiet:
            yield lambda rows: None
        elif console.is_terminal:
            columns = (
                TextColumn("{task.description}"),
                BarColumn(),
                TextColumn("{task.completed}/{task.total} rows · {task.fields[speed]:.1f} rows/s"),
                TimeElapsedColumn(),
                TimeRemainingColumn(),
            )
            with Progress(*columns, console=console, transient=True) as progress:
                task = progress.add_task("evaluating", total=total, speed=0.0)
                began = time.monotonic()

                def advance(rows: int) -> None:
                    done = progress.tasks[0].completed + rows
                    progress.update(task, advance=rows, speed=done / (time.monotonic() - began))

                yield advance
        else:
            yield _plain(total, console)

    return watch


def _plain(total: int, console: Console) -> Callable[[int], None]:
    began = said = time.monotonic()
    done = 0

    def advance(rows: int) -> None:
        nonlocal done, said
        done, now = done + rows, time.monotonic()
        if now - said >= _SAY_EVERY_S or done == total:
            said = now
            console.print(
                f"{done}/{total} rows · {done / (now - began):.1f} rows/s", highlight=False, markup=False
            )

    return advance


def print_evaluation(outcome: EvaluationOutcome, console: Console) -> None:
    """Prints what entered, the table, the published table next to it, and where to look next."""
    evaluated = outcome.evaluated
    plan, counts = evaluated.plan, evaluated.counts
    entered, total = counts["num_entered"], counts["num_images"]
    console.print(
        f"{total} images ({evaluated.images.name}); {plan.classifier} gets {entered} of them right"
        f" ({100 * entered / max(total, 1):.0f} %), and only those are attacked.",
        highlight=False,
        markup=False,
    )
    for name, problem in list(evaluated.problems.items())[:10]:
        console.print(f"left out: {name}: {problem}", highlight=False, markup=False)
    if len(evaluated.problems) > 10:
        console.print(f"... and {len(evaluated.problems) - 10} more", highlight=False, markup=False)
    console.print(evaluation_table(evaluated.summary))
    for line in verdict_lines(evaluated.summary):
        console.print(line, highlight=False, markup=False)
    for line in statements(evaluated.curves, evaluated.summary) if is_curve(evaluated.curves) else ():
        console.print(line, highlight=False, markup=False)
    if evaluated.audit:
        console.print(audit_table(evaluated.audit))
        for line in audit_lines(evaluated.audit):
            console.print(line, highlight=False, markup=False)
    speed = evaluated.rows.num_rows / max(evaluated.seconds, 1e-9)
    console.print(
        f"\n{evaluated.rows.num_rows} rows in {evaluated.seconds:.0f} s ({speed:.1f} rows/s)",
        highlight=False,
        markup=False,
    )
    _print_places(outcome, console)


def print_evaluation_plan(plan: EvaluationPlan, console: Console, *, data_dir: Path | None) -> None:
    """Prints what an evaluation would run and cost; runs nothing."""
    images = images_of_plan(plan, cache=cache_root(data_dir))
    cost = estimate_evaluation(plan, num_images=len(images.photographs))
    lines = (
        f"images          {len(images.photographs)} ({images.name})",
        f"classifier      {plan.classifier}",
        f"attacks         {', '.join(attack.label for attack in plan.attacks)}",
        f"defences        {', '.join(defense.name for defense in plan.defenses)}",
        f"attacker who knows the defence: {len(plan.adaptive)} strengths x {plan.adaptive_seeds} seeds"
        f"{', audited' if plan.audit else ''}",
        f"rows            {cost.num_rows}",
        f"classifications {cost.num_passes:,} forward passes' worth, if nothing is in the store",
        f"CPU core hours  {cost.cpu_core_hours:.2g} at {cost.s_per_pass} s a pass;"
        f" {cost.most_cpu_core_hours:.2g} if no attack breaks an image",
        f"GPU hours       {cost.gpu_hours:.2g} at {cost.gpu_s_per_pass} s a pass",
        f"memory          {cost.memory_bytes / 2**30:.1f} GiB per pair of actors",
        f"storage         {cost.storage_bytes / 2**20:.0f} MiB of adversarial images",
    )
    console.print("\n".join(lines), highlight=False, markup=False, soft_wrap=True)


def _print_places(outcome: EvaluationOutcome, console: Console) -> None:
    console.print(
        f"Figures and tables: {outcome.folder / 'results'}/", highlight=False, markup=False, soft_wrap=True
    )
    if not outcome.all_sent:
        console.print("The tracking store did not take everything.")
    view = run_page(outcome.experiment_id, outcome.run_id)
    if outcome.uri.startswith("http"):
        console.print(
            f"Compare in MLflow: {outcome.uri}/{view}", highlight=False, markup=False, soft_wrap=True
        )
        return
    parent = outcome.folder.parent
    option = "" if parent == DEFAULT_OUTPUT_DIR.resolve() else f" --output-dir {shlex.quote(str(parent))}"
    console.print(
        f"Compare in MLflow: thesis ui{option}, then http://127.0.0.1:5000/{view}",
        highlight=False,
        markup=False,
        soft_wrap=True,
    )
