"""The ``thesis`` command: one file per subcommand, nothing heavy imported before it is needed."""

import contextlib
import sys
from typing import Annotated

import typer

import thesis
from thesis.cli import (
    ask,
    compress,
    defend,
    diagnose,
    doctor,
    evaluate,
    jobs_command,
    listing,
    paraphrase,
    prepare,
    report,
    reproduce,
    resume,
    submit,
    sweep,
    train,
    ui,
)
from thesis.cli.command_line import ThesisCommands, close_quietly, machine_error, take_any_text
from thesis_workloads.contract.errors import UserError

app = typer.Typer(
    name="thesis",
    cls=ThesisCommands,
    help="Train, sweep, attack and evaluate the systems of a dissertation on robust and efficient deep"
    " learning, and set what they reach next to what was published. Runs on this machine, or on the Ray cluster"
    " that RAY_ADDRESS names.",
    epilog="Start with:  thesis list  ·  thesis sweep repr  ·  thesis ui",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("list")(listing.list_command)
app.command("train")(train.train_command)
app.command("sweep")(sweep.sweep_command)
app.command("compress")(compress.compress_command)
app.command("defend")(defend.defend_command)
app.command("evaluate")(evaluate.evaluate_command)
app.command("resume")(resume.resume_command)
app.command("diagnose")(diagnose.diagnose_command)
app.command("ask")(ask.ask_command)
app.command("paraphrase")(paraphrase.paraphrase_command)
app.command("submit", context_settings={"allow_interspersed_args": False})(submit.submit_command)
app.add_typer(jobs_command.app, name="jobs")
app.command("reproduce")(reproduce.reproduce_command)
app.command("report")(report.report_command)
app.command("prepare")(prepare.prepare_command)
app.command("ui")(ui.ui_command)
app.command("doctor")(doctor.doctor_command)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"thesis {thesis.__version__}")
        raise typer.Exit


@app.callback()
def _common(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit."),
    ] = False,
) -> None:
    pass


def main() -> None:
    """Runs the command; what the user can fix becomes one line and exit code 2, a fault of the machine exit code 1."""
    take_any_text()
    code: int | str | None = 0
    try:
        try:
            app()
        except SystemExit as ended:
            code = ended.code
        sys.stdout.flush()
    except UserError as error:
        code = _say(f"error: {error}", 2)
    except KeyboardInterrupt:
        code = _say("interrupted before anything was started", 130)
    except BrokenPipeError:
        code = 141  # what a shell says of a process whose reader has gone
    except OSError as error:
        line = machine_error(error)
        if line is None:
            raise
        code = _say(f"error: {line}", 1)
    for stream in (sys.stdout, sys.stderr):
        close_quietly(stream)
    sys.exit(code)


def _say(line: str, code: int) -> int:
    with contextlib.suppress(OSError):  # else nobody sees the message
        print(line, file=sys.stderr)
    return code
