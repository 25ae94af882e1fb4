"""``thesis compress``: content-aware JPEG over one's own images."""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from thesis.cli.options import DEFAULT_OUTPUT_DIR, OutputDirOption, QuietOption
from thesis.errors import UserError

if TYPE_CHECKING:
    from rich.console import Console

    from thesis.execution.compress import CompressedFile
    from thesis.execution.picture_maps import PictureMap
    from thesis_workloads.imaging.content_aware import Encoding

_MANY = 64  # files from which starting Ray pays


def compress_command(
    source: Annotated[Path, typer.Argument(metavar="IN", help="An image, or a folder of images.")],
    target: Annotated[Path, typer.Argument(metavar="OUT", help="The JPEG to write, or a folder.")],
    quality: Annotated[
        float, typer.Option(min=1, max=100, help="Of the plain JPEG that is as large within 1 %.")
    ] = 50,
    map_file: Annotated[
        Path | None,
        typer.Option("--map", help="An image of the same shape, white most salient; default: the network's."),
    ] = None,
    levels: Annotated[int, typer.Option(min=1, help="k, levels that a map is cut into.")] = 5,
    q_low: Annotated[
        float | None, typer.Option(min=1, max=100, help="Of the lowest level; default: quality - 20.")
    ] = None,
    q_high: Annotated[
        float | None, typer.Option(min=1, max=100, help="Of the highest level; default: quality + 20.")
    ] = None,
    rounding: Annotated[
        str,
        typer.Option(help="jpeg, as the text has it, or keep, which rounds nothing twice and gains more."),
    ] = "jpeg",
    classes: Annotated[
        str,
        typer.Option(
            help="In the network's map: top-K, its K strongest, or above-T, all above a total of T."
        ),
    ] = "top-5",
    run: Annotated[
        str | None,
        typer.Option(
            help="A training of msroi whose network makes the maps; default: a pretrained classifier."
        ),
    ] = None,
    report: Annotated[
        bool, typer.Option("--report", help="Also measure both encoders and draw before, after and map.")
    ] = False,
    workers: Annotated[
        int | None,
        typer.Option(min=1, help=f"Processes on Ray; default: one per CPU from {_MANY} files on, else none."),
    ] = None,
    output_dir: OutputDirOption = DEFAULT_OUTPUT_DIR,
    quiet: QuietOption = False,
) -> None:
    """Compress an image, or every image of a folder, spending bytes where the image has its objects.

    Each output is one standard JPEG as large as a plain one of --quality. An image that can't be read is
    named, skipped and counted; then the exit code is 1. Nothing is written in part.

    Examples:

      thesis compress photo.png smaller.jpg --report

      thesis compress photos/ smaller/ --quality 40 --rounding keep
    """
    for kind, path in (("image or folder", source), ("map", map_file)):
        if path is not None and not path.exists():
            raise UserError(f"there is no {kind} {path}")
    if rounding not in ("jpeg", "keep"):
        raise UserError(f"--rounding must be one of jpeg, keep, got {rounding!r}")
    from rich.progress import track

    from thesis.cli.outcome import new_console
    from thesis.execution.compress import (
        READ,
        WRITTEN,
        compress_files,
        compress_on_ray,
    )
    from thesis.execution.image_files import file_lines, planned_files
    from thesis.execution.picture_maps import load_picture_map
    from thesis.execution.run_folder import find_run
    from thesis_workloads.imaging.content_aware import Encoding
    from thesis_workloads.imaging.picture_file import printable_name

    settings = Encoding(quality=quality, num_levels=levels, q_low=q_low, q_high=q_high, rounding=rounding)
    try:
        settings.level_qualities  # noqa: B018  # checks them
    except ValueError as error:
        raise UserError(str(error)) from error
    if map_file is not None and not map_file.is_file():
        raise UserError(f"there is no map {map_file}")
    files = planned_files(source, target, suffix=".jpg", read=READ, written=WRITTEN)
    trained = None if run is None else find_run(output_dir, run).path
    make_map = load_picture_map(map_file, classes, trained)
    done: Iterable[CompressedFile]
    if workers is not None or len(files) >= _MANY:
        done = compress_on_ray(
            settings,
            map_file,
            files,
            measure=report,
            workers=workers or _cpus(),
            classes=classes,
            run=trained,
        )
    else:
        done = compress_files(settings, make_map, map_file, files, measure=report)
    console = new_console()
    shown = done if quiet else track(done, "compressing", total=len(files), console=console, transient=True)
    written: list[CompressedFile] = []
    for each in shown:
        for line in file_lines(each.source, each.error, each.notes):
            console.print(line, highlight=False, markup=False, soft_wrap=True)
        if each.error is None:
            written.append(each)
    num_bad = len(files) - len(written)
    total, plain = (sum(each.numbers[key] for each in written) for key in ("bytes", "plain_bytes"))
    matched = sum(each.numbers["is_matched"] for each in written)
    console.print(
        f"{len(written)} compressed, {num_bad} skipped: {printable_name(target)}"
        f" ({total:,.0f} bytes, plain JPEGs {plain:,.0f}; {matched:.0f} of {len(written)} within 1 %)",
        highlight=False,
        markup=False,
        soft_wrap=True,
    )
    if report and written:
        _report(written, target, console=console, settings=settings, make_map=make_map, map_file=map_file)
    if num_bad:
        raise typer.Exit(1)


def _report(
    written: "list[CompressedFile]",
    target: Path,
    *,
    console: "Console",
    settings: "Encoding",
    make_map: "PictureMap | None",
    map_file: Path | None,
) -> None:
    from thesis.execution.compress import report_picture
    from thesis.reporting.compression_pictures import save_compression_picture
    from thesis.reporting.compression_tables import RULE, gain_markdown, gain_table, level_markdown
    from thesis.reporting.tables import write_json, write_parquet
    from thesis_workloads.imaging.picture_file import printable_name

    is_file = target.suffix.lower() in (".jpg", ".jpeg")
    folder = target.with_suffix(".report") if is_file else target / "report"
    folder.mkdir(parents=True, exist_ok=True)
    numbers = [dict(each.numbers) for each in written]
    names = sorted({key for each in numbers for key in each})
    rows = [
        {"file": printable_name(each.source), **{key: each.numbers.get(key) for key in names}}
        for each in written
    ]
    write_parquet(rows, folder / "files.parquet")
    write_json(rows, folder / "files.json")
    text = f"{gain_markdown(numbers)}\n{level_markdown(numbers)}"
    (folder / "metrics.md").write_text(text, encoding="utf-8")
    for each in written:
        arrays = report_picture(each.source, settings, make_map, map_file)
        name = each.target.name if is_file else str(each.target.relative_to(target))
        save_compression_picture(
            (folder / name).with_suffix(".png"), printable_name(each.source.name), arrays
        )
    console.print(gain_table(numbers))
    console.print(
        f"{RULE}\nPictures and tables: {printable_name(folder)}/",
        highlight=False,
        markup=False,
        soft_wrap=True,
    )


def _cpus() -> int:
    return os.cpu_count() or 1
