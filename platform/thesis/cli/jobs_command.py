"""``thesis jobs``: the jobs of a Ray cluster: list, logs, stop."""

import sys
import time
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from thesis.cli.submit import AddressOption, show_until_end
from thesis_workloads.contract.errors import UserError

if TYPE_CHECKING:
    from thesis.execution.cluster.submission import JobInfo, JobSubmissionClient

app = typer.Typer(no_args_is_help=True, help="The jobs of a Ray cluster.")

JobArgument = Annotated[str | None, typer.Argument(help="A job's name; default: the newest.")]


@app.command("list")
def list_command(address: AddressOption = None) -> None:
    """List the jobs that were submitted to a cluster, newest first."""
    from thesis.execution.cluster.submission import connect, jobs

    found = jobs(connect(address))
    if not found:
        typer.echo("The cluster has no jobs.")
        return
    table = Table("job", "status", "exit", "started", "minutes", "command")
    for job in found:
        table.add_row(job.name, job.status, *_when(job), job.entrypoint)
    console = Console()
    (console if console.is_terminal else Console(width=200)).print(table)


@app.command("logs")
def logs_command(
    job: JobArgument = None,
    address: AddressOption = None,
    follow: Annotated[
        bool, typer.Option("--follow", "-f", help="Go on until the job ends, and exit as it does.")
    ] = False,
) -> None:
    """Print what a job has written."""
    from thesis.execution.cluster.submission import connect, output

    client = connect(address)
    name = job or _newest(client)
    if follow:
        raise typer.Exit(show_until_end(client, name))
    sys.stdout.write(output(client, name))


@app.command("stop")
def stop_command(
    job: Annotated[
        str | None, typer.Argument(help="A job's name; without one the newest is asked about.")
    ] = None,
    address: AddressOption = None,
) -> None:
    """End a job cleanly; submitting the same command again resumes its run."""
    from thesis.execution.cluster.submission import connect, stop

    client = connect(address)
    name = job or _confirmed(client)
    ended = stop(client, name)
    typer.echo(f"{name}: {ended.status}")
    if not ended.has_ended:
        raise typer.Exit(1)


def _confirmed(client: "JobSubmissionClient") -> str:
    """Returns the newest job that runs, once the user has said so; a job of somebody else is not to be stopped."""
    from thesis.execution.cluster.submission import jobs

    running = [job.name for job in jobs(client) if not job.has_ended]
    if not running:
        raise UserError("no job runs on the cluster; thesis jobs list shows those that have ended")
    if not sys.stdin.isatty():
        raise UserError(f"name the job to stop: thesis jobs stop NAME (running: {', '.join(running)})")
    if not typer.confirm(f"stop {running[0]}?"):
        raise typer.Exit(1)
    return running[0]


def _newest(client: "JobSubmissionClient") -> str:
    from thesis.execution.cluster.submission import jobs

    found = jobs(client)
    if not found:
        raise UserError("the cluster has no jobs")
    return found[0].name


def _when(job: "JobInfo") -> tuple[str, str, str]:
    exit_code = str(job.exit_code) if job.has_ended else ""
    if job.started_s is None:
        return exit_code, "", ""
    started = datetime.fromtimestamp(job.started_s).strftime("%Y-%m-%d %H:%M")
    return exit_code, started, f"{((job.ended_s or time.time()) - job.started_s) / 60:.1f}"
