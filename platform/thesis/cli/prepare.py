"""``thesis prepare``: turn a file of millions of lines into Parquet once, so that training reads it quickly."""

from pathlib import Path
from typing import Annotated

import typer

from thesis.cli.options import QuietOption, SetOption
from thesis_workloads.contract.errors import UserError
from thesis_workloads.contract.overrides import parse_overrides
from thesis_workloads.systems.highway_vqa.experiment import HIGHWAY_VQA


def prepare_command(
    name: Annotated[
        str, typer.Argument(help="mimic-notes, ppdb, wikianswers, or image-features.", show_default=False)
    ],
    data_dir: Annotated[
        Path, typer.Option(envvar="THESIS_DATA_DIR", help="Where the published files lie.", file_okay=False)
    ],
    set_: SetOption = None,
    quiet: QuietOption = False,
) -> None:
    """Read a published file with Ray Data, in bounded memory, and write what training needs as Parquet next to it.

    Lines and rows that can't be used are counted and listed, never fatal. Text of a note is never printed.

    image-features runs the images of a question set through a network; --set takes highway-vqa's settings. Training
    does the same where features are missing, so this only says when.

    Examples:

      thesis prepare mimic-notes --data-dir ~/mimic

      thesis prepare ppdb --data-dir ~/paraphrases

      thesis prepare image-features --data-dir ~/vqa --set data=vqa-v1 --set backbone=resnet152 --set
      backbone_weights=resnet152.pth --set image_size=224
    """
    if name == "image-features":
        _prepare_features(data_dir, set_ or [], quiet=quiet)
        return
    if set_:
        raise UserError(f"--set is for image-features, got it for {name}")
    from thesis.execution.cluster.connection import ray_session as connected
    from thesis.execution.preparation.clinical_notes import prepare_notes
    from thesis.execution.preparation.paraphrase_pairs import file_to_prepare, prepare_pairs
    from thesis.execution.preparation.streaming import STREAMING

    if name != "mimic-notes":
        file_to_prepare(name, data_dir)  # before Ray is started

    with connected(dashboard=False, limits=STREAMING):
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


def _prepare_features(data_dir: Path, overrides: list[str], *, quiet: bool) -> None:
    from thesis.execution.preparation.image_features import prepare_features

    config = HIGHWAY_VQA.config(**parse_overrides(overrides, HIGHWAY_VQA.config))
    prepared = prepare_features(config, data_dir)
    typer.echo(
        f"{prepared.num_images - len(prepared.problems):,} of {prepared.num_images:,} images in {prepared.folder}"
    )
    if not quiet:
        for image, problem in prepared.problems.items():
            typer.echo(f"  {image}: {problem}, {prepared.questions_about[image]} questions left out")
