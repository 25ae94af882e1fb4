"""``thesis diagnose``: the likely diagnoses of a note, and what the network read to find them."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from thesis.cli.options import DataDirOption, OutputDirOption
from thesis.settings import DEFAULT_OUTPUT_DIR
from thesis_workloads.contract.errors import UserError

if TYPE_CHECKING:
    from thesis_workloads.systems.condensed_memory.diagnose import Diagnosis


def diagnose_command(
    note: Annotated[Path, typer.Argument(help="A text file; - reads standard input.", allow_dash=True)],
    run: Annotated[
        str | None, typer.Option(help="A run of condensed-memory; default: the newest with a checkpoint.")
    ] = None,
    top: Annotated[int, typer.Option(min=1, help="How many diagnoses, and articles of each hop.")] = 5,
    data_dir: DataDirOption = None,
    output_dir: OutputDirOption = DEFAULT_OUTPUT_DIR,
) -> None:
    """Read a note with a trained memory network. Research code: no medical advice.

    Examples:

      thesis train condensed-memory && thesis diagnose note.txt

      thesis diagnose note.txt --run condensed-memory-sweep-1a2b3c4d-1 --top 10
    """
    text = _read(note)
    from thesis.execution.inference.diagnose import diagnose_note

    found, folder, config = diagnose_note(output_dir, text, run=run, data_dir=data_dir, top=top)
    console = Console()
    console.print(
        f"{folder.name}: {config.model}, {config.hops} hops, {config.addressing} addressing;"
        f" {found.num_known} of {found.num_words} words known",
        highlight=False,
        markup=False,
    )
    console.print(_labels(found))
    console.print(_hops(found))


def _read(note: Path) -> str:
    try:
        return sys.stdin.read() if str(note) == "-" else note.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise UserError(f"the note {note} cannot be read ({error.strerror})") from error


def _labels(found: "Diagnosis") -> Table:
    table = Table("diagnosis", "probability", title="Likely diagnoses", title_justify="left")
    for prediction in found.predictions:
        table.add_row(prediction.label, f"{prediction.probability:.3f}")
    return table


def _hops(found: "Diagnosis") -> Table:
    table = Table("hop", "article", "weight", title="Articles read", title_justify="left")
    for number, readings in enumerate(found.hops, start=1):
        for place, reading in enumerate(readings):
            table.add_row(str(number) if place == 0 else "", reading.title, f"{reading.weight:.3f}")
        table.add_section()
    return table
