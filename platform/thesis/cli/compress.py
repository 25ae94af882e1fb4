"""``thesis compress``: content-aware JPEG over your own images."""

import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from thesis.cli.options import OutputDirOption, QuietOption
from thesis.settings import DEFAULT_OUTPUT_DIR
from thesis_workloads.contract.errors import UserError

if TYPE_CHECKING:
    from rich.console import Console

    from thesis.execution.inference.compress import CompressedFile
    from thesis.execution.inference.saliency import PictureMap
    from thesis.reporting.compression.page import ComparedPicture
    from thesis_workloads.imaging.content_aware import Encoding

AUTO, CENTRE = "auto", "centre"  # maps that need no file
_MANY = 64  # files from which starting Ray pays


def compress_command(
    source: Annotated[Path, typer.Argument(metavar="IN", help="An image, or a folder of images.")],
    target: Annotated[Path, typer.Argument(metavar="OUT", help="The JPEG to write, or a folder.")],
    quality: Annotated[
        float, typer.Option(min=1, max=100, help="Of the plain JPEG that is as large within 1 %.")
    ] = 50,
    target_size: Annotated[
        str | None,
        typer.Option(
            help="Bytes that each output has at most, as 60kB, 1.5MB or 60000, instead of --quality."
        ),
    ] = None,
    max_quality_loss: Annotated[
        float | None,
        typer.Option(
            min=0,
            help="dB that pixels outside the salient ones may be below the plain JPEG of the same size; default: any.",
        ),
    ] = None,
    map_choice: Annotated[
        str,
        typer.Option(
            "--map",
            metavar="auto|centre|FILE",
            help="auto: a network's; centre: the middle; or an image of the same shape, white most salient.",
        ),
    ] = "auto",
    levels: Annotated[
        int, typer.Option(min=1, help="k, levels that a map is cut into, with --rounding keep or jpeg.")
    ] = 5,
    q_low: Annotated[
        float | None, typer.Option(min=1, max=100, help="Of the lowest level; default: quality - 20.")
    ] = None,
    q_high: Annotated[
        float | None, typer.Option(min=1, max=100, help="Of the highest level; default: quality + 20.")
    ] = None,
    rounding: Annotated[
        str,
        typer.Option(
            help="rate-distortion: the least error for the bits, weighted by the map; keep: levels, nothing rounded"
            " twice; jpeg: as the dissertation has it."
        ),
    ] = "keep",
    coding: Annotated[
        str,
        typer.Option(
            help="Of ours and of the plain JPEG: optimal, the same pixels in fewer bytes (progressive), or baseline."
        ),
    ] = "optimal",
    classes: Annotated[
        str,
        typer.Option(
            help="In the network's map: top-K, its K strongest, or above-T, all above a total of T."
        ),
    ] = "top-5",
    run: Annotated[
        str | None,
        typer.Option(
            help="A training of ms-roi whose network makes the maps; default: a pretrained classifier."
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

      thesis compress photos/ smaller/ --target-size 60kB --max-quality-loss 1

      thesis compress photos/ smaller/ --rounding jpeg --coding baseline
    """
    if not source.exists():
        raise UserError(f"there is no image or folder {source}")
    from rich.progress import track

    from thesis.cli.printing.outcome import new_console
    from thesis.execution.inference.compress import READ, WRITTEN, compress_files, compress_on_ray
    from thesis.execution.inference.saliency import load_picture_map
    from thesis.execution.storage.image_files import file_lines, planned_files
    from thesis.execution.storage.run_folder import find_run
    from thesis_workloads.imaging.content_aware import ROUNDINGS, Encoding, check_encoding
    from thesis_workloads.imaging.image_file import printable_name
    from thesis_workloads.imaging.jpeg.optimal_coding import CODINGS

    for option, given, allowed in (("--rounding", rounding, ROUNDINGS), ("--coding", coding, CODINGS)):
        if given not in allowed:
            raise UserError(f"{option} must be one of {', '.join(allowed)}, got {given!r}")
    if max_quality_loss is not None and rounding != "rate-distortion":
        raise UserError(f"--max-quality-loss needs --rounding rate-distortion, got {rounding!r}")
    settings = Encoding(
        quality=quality,
        num_levels=levels,
        q_low=q_low,
        q_high=q_high,
        rounding=rounding,
        coding=coding,
        target_size=None if target_size is None else bytes_of_size(target_size),
    )
    try:
        check_encoding(settings)
    except ValueError as error:
        raise UserError(str(error)) from error
    is_centred = map_choice == CENTRE
    map_file = None if map_choice in (AUTO, CENTRE) else Path(map_choice)
    if map_file is not None and not map_file.is_file():
        raise UserError(f"--map must be {AUTO}, {CENTRE} or an image file, got {map_choice!r}")
    files = planned_files(source, target, suffix=".jpg", read=READ, written=WRITTEN)
    trained = None if run is None else find_run(output_dir, run).path
    make_map = load_picture_map(map_file, classes, trained, is_centred=is_centred)
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
            is_centred=is_centred,
            max_loss=max_quality_loss,
        )
    else:
        done = compress_files(settings, make_map, map_file, files, measure=report, max_loss=max_quality_loss)
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
        f" ({total:,.0f} bytes, plain JPEGs {plain:,.0f}; {matched:.0f} of {len(written)}"
        f" {'of the target size' if target_size else 'within 1 %'})",
        highlight=False,
        markup=False,
        soft_wrap=True,
    )
    if report and written:
        _report(
            written,
            target,
            console=console,
            settings=settings,
            make_map=make_map,
            map_file=map_file,
            max_loss=max_quality_loss,
        )
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
    max_loss: float | None,
) -> None:
    from thesis.execution.inference.compressed_image import report_picture
    from thesis.reporting.compression.images import save_compression_picture
    from thesis.reporting.compression.page import ComparedPicture, write_compression_page
    from thesis.reporting.compression.tables import RULE, gain_markdown, gain_table, level_markdown
    from thesis.reporting.sweeps.ranking_table import write_json, write_parquet
    from thesis_workloads.imaging.image_file import printable_name

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

    def drawn() -> "Iterator[ComparedPicture]":
        for each in written:
            arrays = report_picture(each.source, settings, make_map, map_file, max_loss)
            name = each.target.name if is_file else str(each.target.relative_to(target))
            save_compression_picture(
                (folder / name).with_suffix(".png"), printable_name(each.source.name), arrays
            )
            plain, data = arrays["files"]
            yield ComparedPicture(name=name, plain=plain, ours=data, numbers=each.numbers)

    write_compression_page(folder / "index.html", drawn(), len(written))
    console.print(gain_table(numbers))
    console.print(
        f"{RULE}\nPage: {printable_name(folder / 'index.html')}; pictures and tables: {printable_name(folder)}/",
        highlight=False,
        markup=False,
        soft_wrap=True,
    )


def bytes_of_size(text: str) -> int:
    """Returns the bytes of a size as ``60kB``, ``1.5 MB``, ``64KiB`` or ``60000``.

    Raises:
        UserError: if it is none, or below a byte.
    """
    found = re.fullmatch(r"([0-9]+(?:\.[0-9]+)?) *([kKmM]?)(i?)[bB]?", text.strip())
    if found is None or not (found[2] or not found[3]):
        raise UserError(f"--target-size must be bytes, as 60kB, 1.5MB or 60000, got {text!r}")
    size = int(float(found[1]) * (1024 if found[3] else 1000) ** " km".index(found[2].lower() or " "))
    if size < 1:
        raise UserError(f"--target-size must be 1 byte or more, got {text!r}")
    return size


def _cpus() -> int:
    return os.cpu_count() or 1
