"""``thesis defend``: pixel deflection over your own images."""

from pathlib import Path
from typing import Annotated

import typer

from thesis.cli.options import QuietOption, SeedOption, SetOption
from thesis.workflows.settings_checks import check_settings
from thesis_workloads.contract.errors import UserError
from thesis_workloads.contract.overrides import parse_overrides
from thesis_workloads.systems.pixel_deflection.experiment import PIXEL_DEFLECTION


def defend_command(
    source: Annotated[Path, typer.Argument(metavar="IN", help="An image, or a folder of images.")],
    target: Annotated[
        Path,
        typer.Argument(
            metavar="OUT", help="The image to write, or a folder (as PNG, since that loses nothing)."
        ),
    ],
    num_deflections: Annotated[
        int, typer.Option(min=0, help="K, pixels that are tried; 0 only denoises.")
    ] = 100,
    window: Annotated[int, typer.Option(min=0, help="How far off the other pixel may lie, in pixels.")] = 10,
    sigma: Annotated[float, typer.Option(min=0, help="Noise to remove, as a share of the range.")] = 0.04,
    rcam: Annotated[
        bool, typer.Option("--map/--no-map", help="Spare the pixels that the classifier looks at.")
    ] = True,
    set_: SetOption = None,
    seed: SeedOption = 0,
    quiet: QuietOption = False,
) -> None:
    """Defend an image, or every image of a folder, by pixel deflection and wavelet denoising.

    An image that can't be read is named, skipped and counted; then the exit code is 1. Nothing is written
    in part. The same name and seed give the same image.

    Examples:

      thesis defend photo.jpg defended.png

      thesis defend photos/ defended/ --num-deflections 500 --sigma 0.02 --set sigma_scale=rgb
    """
    overrides = parse_overrides(set_ or [], PIXEL_DEFLECTION.config)
    named = {
        "num_deflections": num_deflections,
        "window": window,
        "sigma": sigma,
        "use_rcam": rcam,
        "seed": seed,
    }
    config = PIXEL_DEFLECTION.config(**{**named, **overrides})
    if not source.exists():
        raise UserError(f"there is no image or folder {source}")
    check_settings("pixel-deflection", config)

    from rich.progress import track

    from thesis.cli.printing.outcome import new_console
    from thesis.execution.inference.defend import LOSSLESS, defend_files, load_for_defense
    from thesis.execution.storage.image_files import file_lines, planned_files
    from thesis_workloads.datasets.images.photographs import SUFFIXES
    from thesis_workloads.imaging.image_file import printable_name

    console = new_console()
    files = planned_files(source, target, suffix=LOSSLESS, read=SUFFIXES, written=SUFFIXES)
    classifier = load_for_defense(config)
    done = defend_files(config, classifier, files)
    shown = done if quiet else track(done, "defending", total=len(files), console=console, transient=True)
    num_bad = 0
    for each in shown:
        num_bad += each.error is not None
        for line in file_lines(each.source, each.error, each.notes):
            console.print(line, highlight=False, markup=False, soft_wrap=True)
    console.print(
        f"{len(files) - num_bad} defended, {num_bad} skipped: {printable_name(target)}",
        highlight=False,
        markup=False,
        soft_wrap=True,
    )
    if num_bad:
        raise typer.Exit(1)
