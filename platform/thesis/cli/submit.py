"""``thesis submit``: run a command on a Ray cluster as a job."""

import os
import sys
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from thesis.execution.cluster.submission import JobSubmissionClient

AddressOption = Annotated[
    str | None,
    typer.Option(
        help="The cluster's job server, e.g. http://127.0.0.1:8265. Default: RAY_API_SERVER_ADDRESS,"
        " RAY_ADDRESS, or a cluster on this machine."
    ),
]


def submit_command(
    arguments: Annotated[
        list[str], typer.Argument(metavar="COMMAND...", help="A thesis command with its options.")
    ],
    address: AddressOption = None,
    no_wait: Annotated[
        bool, typer.Option("--no-wait", help="Print the job's name and leave it running.")
    ] = False,
) -> None:
    """Run a command on a Ray cluster: sends this checkout's code, shows the output, exits as the job does.

    The cluster's machines need Ray and the dependencies, not the code. Results go to --output-dir, an
    absolute path on storage that they share (or the cluster's own THESIS_OUTPUT_DIR). MLFLOW_TRACKING_URI and
    THESIS_* are passed on; secrets are not. Ctrl-C leaves the job running; 'thesis jobs stop' ends it
    cleanly, and submitting the same command again resumes it.

    Examples:

      thesis submit --address http://127.0.0.1:8265 -- sweep repr --output-dir /shared/runs

      thesis submit --no-wait -- sweep repr --scale paper --gpus-per-worker 0.25 --output-dir /shared/runs
    """
    from thesis.execution.cluster.submission import INTERRUPTED, connect, entrypoint_of, submit

    entrypoint_of(arguments, os.environ)
    client = connect(address)
    name = submit(client, arguments, os.environ)
    if no_wait:
        typer.echo(name)
        return
    print(f"{name} submitted", file=sys.stderr)
    try:
        exit_code = show_until_end(client, name)
    except KeyboardInterrupt:
        print(
            f"\n{name} is still running. See it: thesis jobs logs --follow {name}. End it: thesis jobs stop {name}",
            file=sys.stderr,
        )
        exit_code = INTERRUPTED
    raise typer.Exit(exit_code)


def show_until_end(client: "JobSubmissionClient", name: str) -> int:
    """Prints a job's output until it ends; returns its exit code."""
    from thesis.execution.cluster.submission import follow

    ended = follow(client, name, _write)
    if ended.status == "FAILED" and ended.process_exit_code is None:
        print(f"error: {name} was not started: {ended.message.strip()}", file=sys.stderr)
    elif ended.status == "STOPPED":
        print(f"{name} was stopped", file=sys.stderr)
    return ended.exit_code


def _write(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()
