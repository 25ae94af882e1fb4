"""What the commands print of a plan and of an outcome."""

import shlex

from rich.console import Console

from thesis.execution.training.job import Outcome
from thesis.experiments.plan import Plan, SweepPlan, TrainPlan, num_epochs, num_trials
from thesis.reporting.sweeps.publish import rank_sweep, summarise_sweep
from thesis.reporting.sweeps.ranking_table import terminal_table
from thesis.settings import DEFAULT_OUTPUT_DIR
from thesis.tracking.mlflow.pages import run_page, view_page
from thesis_workloads.contract.overrides import as_overrides
from thesis_workloads.registry import find_system


def new_console() -> Console:
    """Returns the terminal, at least wide enough for the tables where there is none."""
    console = Console()
    return console if console.is_terminal else Console(width=max(console.width, 110))


def print_plan(plan: Plan, console: Console) -> None:
    """Prints what a plan would run and cost; runs nothing."""
    from thesis.execution.training.cost import estimate
    from thesis.execution.training.run_metadata import describe

    cost = estimate(plan)
    console.print(describe(plan), highlight=False, markup=False)
    count = num_trials(plan)
    or_more = " or more" if isinstance(plan, SweepPlan) and plan.search == "optuna" else ""
    console.print(
        f"trials          {count}{or_more}\n"
        f"epochs          {num_epochs(plan)} ({num_epochs(plan) / count:g} per trial)",
        highlight=False,
    )
    if not cost.is_known:
        console.print("cost            not estimated: the system declares no size", highlight=False)
        return
    console.print(
        f"network         {cost.num_parameters:,} parameters, {cost.flops_per_example / 1e6:.2f} MFLOP per input\n"
        f"arithmetic      {cost.total_flops / 1e12:.3g} TFLOP in all\n"
        f"CPU core hours  {cost.cpu_core_hours:.2g}, of which {cost.total_flops / cost.cpu_flops / 3600:.2g} are"
        f" arithmetic at {cost.cpu_flops / 1e9:g} GFLOP/s a core\n"
        f"GPU hours       {cost.gpu_hours:.2g} of arithmetic at {cost.gpu_flops / 1e12:g} TFLOP/s\n"
        f"memory          {cost.memory_bytes / 2**30:.1f} GiB per trial\n"
        f"storage         {cost.storage_bytes / 2**20:.1f} MiB of checkpoints",
        highlight=False,
        markup=False,
    )


def print_sweep(outcome: Outcome, console: Console) -> None:
    """Prints the ranked table, the best configuration as a command, and where to look next."""
    plan = outcome.plan
    if not isinstance(plan, SweepPlan):
        return
    if outcome.was_interrupted:
        _print_interrupted(outcome, console)
        return
    ranking = rank_sweep(plan, outcome.records)
    name = find_system(plan.system).baseline_name
    console.print(terminal_table(ranking, width=min(console.width, 110), baseline_name=name))
    for line in summarise_sweep(plan, ranking):
        console.print(line, highlight=False, markup=False)
    failed = [record for record in outcome.records if record.status == "failed"]
    for record in failed[:5]:
        console.print(f"failed: {record.trial_id}: {record.error}", highlight=False, markup=False)
    if ranking.best is not None and plan.scheduler != "pbt":
        system = find_system(plan.system)
        words = system.next_words if system.next_command else "Train the best configuration"
        console.print(f"\n{words}:", highlight=False, markup=False)
        print(f"  {best_command(plan, ranking.best.config)}")
    if plan.scheduler == "pbt":
        console.print(
            "Population based training changed settings during the runs; MLflow has them per epoch."
        )
    _print_places(outcome, console)


def best_command(plan: SweepPlan, config: dict[str, object]) -> str:
    """Returns the command that trains one configuration, or what its system declares in its place."""
    system = find_system(plan.system)
    best = system.config(**{**config, "seed": plan.seeds[0]})
    if system.next_command is not None:
        return system.next_command(best)
    relative_to = system.config(**system.scales[plan.scale])
    scale = "" if plan.scale == "small" else f" --scale {shlex.quote(plan.scale)}"
    overrides = as_overrides(best, relative_to=relative_to)
    workers = f" --workers {plan.resources.workers}" if plan.resources.workers > 1 else ""
    return f"thesis train {shlex.quote(plan.system)}{scale}{workers} {overrides}".rstrip()


def print_train(outcome: Outcome, console: Console) -> None:
    """Prints the last epoch of a training and where to look next."""
    if outcome.was_interrupted:
        _print_interrupted(outcome, console)
        return
    record = outcome.records[0]
    if record.status == "failed":
        console.print(f"Training failed: {record.error}", highlight=False, markup=False)
    if record.history:
        last = record.history[-1]
        shown = [key for key in sorted(last) if key.split("/")[0] in ("train", "val", "test")]
        console.print("  ".join(f"{key} {last[key]:.4f}" for key in shown), highlight=False, markup=False)
    _print_places(outcome, console)


def _print_interrupted(outcome: Outcome, console: Console) -> None:
    done = sum(record.status in ("finished", "stopped", "failed") for record in outcome.records)
    count = num_trials(outcome.plan)
    console.print(f"Interrupted with {done} of {count} runs done; nothing of them is lost. Resume with:")
    print(f"  thesis resume {outcome.folder.name}{_output_dir_option(outcome)}")


def _print_places(outcome: Outcome, console: Console) -> None:
    figures = sorted(outcome.folder.results.glob("*.png"))
    console.print()
    if figures:
        console.print(
            f"Figures and tables: {outcome.folder.results}/", highlight=False, markup=False, soft_wrap=True
        )
    if outcome.model_uri:
        console.print(f"Best model: {outcome.model_uri}", highlight=False, markup=False)
    if outcome.unsent:
        console.print(outcome.unsent, highlight=False, markup=False, soft_wrap=True)
    if not outcome.all_sent:
        console.print(
            f"The tracking store did not take everything; 'thesis resume {outcome.folder.name}' sends the rest."
        )
    if isinstance(outcome.plan, TrainPlan):
        view = run_page(outcome.experiment_id, outcome.run_id)
    else:
        view = view_page(outcome.experiment_id, outcome.folder.name)
    if outcome.uri.startswith("http"):
        console.print(
            f"Compare in MLflow: {outcome.uri}/{view}", highlight=False, markup=False, soft_wrap=True
        )
    else:
        console.print(
            f"Compare in MLflow: thesis ui{_output_dir_option(outcome)}, then http://127.0.0.1:5000/{view}",
            highlight=False,
            markup=False,
            soft_wrap=True,
        )


def _output_dir_option(outcome: Outcome) -> str:
    parent = outcome.folder.path.parent
    is_default = parent == DEFAULT_OUTPUT_DIR.resolve()
    return "" if is_default else f" --output-dir {shlex.quote(str(parent))}"
