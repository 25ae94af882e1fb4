"""``thesis prepare``: turn a file of millions of lines into Parquet once, so that training reads it quickly."""

from pathlib import Path
from typing import Annotated

import typer

from thesis.cli.options import QuietOption


def prepare_command(
    name: Annotated[str, typer.Argument(help="mimic-notes, ppdb or wikianswers.", show_default=False)],
    data_dir: Annotated[
        Path, typer.Option(envvar="THESIS_DATA_DIR", help="Where the published files lie.", file_okay=False)
    ],
    quiet: QuietOption = False,
) -> None:
    """Read a published file with Ray Data, in bounded memory, and write what training needs as Parquet beside it.

    Lines and rows that can't be used are counted and listed, never fatal. Text of a note is never printed.

    Examples:

      thesis prepare mimic-notes --data-dir ~/mimic

      thesis prepare ppdb --data-dir ~/paraphrases
    """
    from thesis.execution.connect import connected
    from thesis.execution.prepare_notes import prepare_notes
    from thesis.execution.prepare_pairs import prepare_pairs

    with connected(dashboard=False):
        if name == "mimic-notes":
            notes = prepare_notes(data_dir)
            kept, total, folder, problems = notes.num_notes, notes.num_rows, notes.folder, notes.problems
        else:
            pairs = prepare_pairs(name, data_dir)
            kept, total, folder = pairs.counts.num_kept, pairs.counts.num_read, pairs.folder
            problems = (str(pairs.counts), *pairs.counts.malformed)
    typer.echo(f"{kept:,} of {total:,} kept in {folder}")
    if not quiet:
        for problem in problems:
            typer.echo(f"  {problem}")
