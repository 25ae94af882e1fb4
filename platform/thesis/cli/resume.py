"""``thesis resume``: resume a run that was interrupted or killed."""

from typing import Annotated

import typer

from thesis.cli.options import DataDirOption, OutputDirOption, QuietOption
from thesis.settings import DEFAULT_OUTPUT_DIR
from thesis_workloads.contract.errors import UserError


def resume_command(
    run: Annotated[
        str | None, typer.Argument(help="The run's name; default: the newest unfinished one.")
    ] = None,
    concurrency: Annotated[
        int | None, typer.Option(min=1, help="Trials at once; default: as many as fit.")
    ] = None,
    data_dir: DataDirOption = None,
    output_dir: OutputDirOption = DEFAULT_OUTPUT_DIR,
    quiet: QuietOption = False,
) -> None:
    """Resume a run: finished trials are kept, the others resume from their checkpoints.

    Examples:

      thesis resume

      thesis resume repr-sweep-1a2b3c4d-1
    """
    from thesis.cli.printing.outcome import new_console, print_sweep, print_train
    from thesis.cli.printing.progress import make_watch
    from thesis.execution.storage.run_folder import find_run, load_plan
    from thesis.execution.training.job import JobOptions, resume_job
    from thesis.experiments.plan import SweepPlan, TablePlan
    from thesis.reporting.sweeps.publish import conclude_sweep, conclude_train

    console = new_console()
    folder = find_run(output_dir, run)
    plan = load_plan(folder)
    if isinstance(plan, TablePlan):
        raise UserError(
            f"{folder.name} belongs to a table: resume it with thesis reproduce {plan.table} --scale {plan.scale},"
            " with the options that it was started with"
        )
    is_sweep = isinstance(plan, SweepPlan)
    outcome = resume_job(
        folder,
        JobOptions(output_dir=output_dir, data_dir=data_dir, concurrency=concurrency),
        watch=make_watch(quiet=quiet, console=console),
        conclude=conclude_sweep if is_sweep else conclude_train,
    )
    (print_sweep if is_sweep else print_train)(outcome, console)
    if outcome.was_interrupted:
        raise typer.Exit(130)
