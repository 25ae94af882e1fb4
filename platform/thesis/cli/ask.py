"""``thesis ask``: a question about your own image, answered by a trained network."""

from pathlib import Path
from typing import Annotated

import typer

from thesis.cli.options import DataDirOption, OutputDirOption
from thesis.settings import DEFAULT_OUTPUT_DIR
from thesis_workloads.contract.errors import UserError


def ask_command(
    image: Annotated[Path, typer.Argument(help="An image file.", show_default=False)],
    questions: Annotated[list[str], typer.Argument(help="One or more questions.", show_default=False)],
    top: Annotated[int, typer.Option(min=1, help="Answers per question.")] = 3,
    run: Annotated[
        str | None, typer.Option(help="A run of highway-vqa; the newest with a model if none is named.")
    ] = None,
    data_dir: DataDirOption = None,
    output_dir: OutputDirOption = DEFAULT_OUTPUT_DIR,
) -> None:
    """Answer questions about an image: an answer and its confidence per line, likeliest first.

    Several questions give lines of question, tab, confidence, answer. Where the model comes from, and words
    that it has never seen, go to standard error. It knows the answers of the set that it was trained on only.

    Examples:

      thesis ask photo.png "what color is the shape?"

      thesis ask photo.png "is there a circle?" "what shape is present?" --top 5
    """
    if not image.is_file():
        raise UserError(f"there is no image {image}")
    from thesis.execution.inference.answer import ask_about

    found = ask_about(image, questions, output_dir=output_dir, run=run, data_dir=data_dir, top=top)
    typer.echo(f"{found.run}, {found.model}", err=True)
    for note in found.notes:
        typer.echo(f"note: {image}: {note}", err=True)
    for question, reply in zip(questions, found.replies, strict=True):
        if reply.unknown:
            typer.echo(f"never seen: {', '.join(reply.unknown)}", err=True)
        if reply.num_unheard:
            typer.echo(f"the network has no layer for the last {reply.num_unheard} words", err=True)
        for answer, confidence in zip(reply.answers, reply.confidences, strict=True):
            cells = [question] if len(questions) > 1 else []
            typer.echo("\t".join([*cells, f"{confidence:.3f}", answer]))
