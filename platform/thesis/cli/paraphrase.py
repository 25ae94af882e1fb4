"""``thesis paraphrase``: a trained model on your own sentences."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from thesis.cli.options import OutputDirOption
from thesis.settings import DEFAULT_OUTPUT_DIR
from thesis_workloads.contract.errors import UserError


def paraphrase_command(
    text: Annotated[
        list[str] | None,
        typer.Argument(
            help="Sentences; without any, lines of --file or of standard input.", show_default=False
        ),
    ] = None,
    file: Annotated[Path | None, typer.Option(help="A text file with a sentence per line.")] = None,
    beam: Annotated[int, typer.Option(min=1, help="Hypotheses kept per sentence.")] = 10,
    top: Annotated[int, typer.Option(min=1, help="Paraphrases per sentence, at most --beam.")] = 3,
    run: Annotated[
        str | None, typer.Option(help="A run of residual-lstm; the newest with a model if none is named.")
    ] = None,
    scores: Annotated[bool, typer.Option(help="Print each paraphrase's log probability before it.")] = False,
    output_dir: OutputDirOption = DEFAULT_OUTPUT_DIR,
) -> None:
    """Paraphrase sentences with a trained model: one sentence's paraphrases per line, best first.

    Several sentences give lines of source, tab, paraphrase. Where the model comes from, and words that it has
    never seen, go to standard error.

    Examples:

      thesis paraphrase "and the king gave him the land"

      thesis paraphrase --file sentences.txt --beam 5 --top 1
    """
    from thesis.execution.inference.paraphrase import load_paraphraser, paraphrase

    sentences = _sentences(text, file)
    model = load_paraphraser(output_dir, run)
    typer.echo(f"{model.run}, {model.config.model} with {model.config.num_layers} layers", err=True)
    for sentence, found in zip(sentences, paraphrase(model, sentences, beam=beam, top=top), strict=True):
        if found.unknown:
            typer.echo(f"never seen: {', '.join(found.unknown)}", err=True)
        if not found.texts:
            typer.echo(f"no word in {sentence!r}", err=True)
        for score, answer in zip(found.scores, found.texts, strict=True):
            cells = [found.source] if len(sentences) > 1 else []
            cells += [f"{score:.3f}"] if scores else []
            typer.echo("\t".join([*cells, answer]))


def _sentences(text: list[str] | None, file: Path | None) -> list[str]:
    if text and file:
        raise UserError("give sentences or --file, not both")
    if text:
        return text
    if file is None and sys.stdin.isatty():
        raise UserError('nothing to paraphrase: thesis paraphrase "a sentence", or --file, or pipe lines in')
    try:
        content = sys.stdin.read() if file is None else file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"{file or 'standard input'} cannot be read as text: {error}") from error
    lines = [line for line in content.splitlines() if line.strip()]
    if not lines:
        raise UserError(f"{file or 'standard input'} has no sentence")
    return lines
