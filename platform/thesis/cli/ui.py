"""``thesis ui``: MLflow's web page on this machine, on the store that the runs were written to."""

import os
import sys
from typing import Annotated

import typer

from thesis.cli.options import OutputDirOption
from thesis.settings import DEFAULT_OUTPUT_DIR


def ui_command(
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port on this machine.")] = 5000,
    host: Annotated[
        str, typer.Option(help="Address to listen on; the default is reachable from here only.")
    ] = "127.0.0.1",
    output_dir: OutputDirOption = DEFAULT_OUTPUT_DIR,
) -> None:
    """Open the MLflow UI on the store of the runs; stop it with Ctrl-C."""
    from thesis.tracking.mlflow.server import server_command
    from thesis.tracking.mlflow.store import redacted, tracking_uri

    uri = tracking_uri(output_dir)
    if uri.startswith("http"):
        typer.echo(f"The runs are on a tracking server already: {uri}")
        return
    command, environment = server_command(uri, output_dir=output_dir, host=host, port=port)
    typer.echo(f"MLflow UI: http://{host}:{port}  (store {redacted(uri)}; Ctrl-C stops it)")
    sys.stdout.flush()
    os.execvpe(command[0], command, environment)
