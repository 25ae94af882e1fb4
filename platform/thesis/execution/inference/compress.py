"""Content-aware JPEG over a user's own images: each written whole, or not at all and named.

A few files are done one after another in this process; many go through Ray Data, an actor per worker, each
with the network in memory.
"""

import dataclasses
import math
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from PIL import Image, ImageCms
from torch import Tensor

from thesis.execution.cluster.connection import connected
from thesis.execution.cluster.ray_messages import silence_ray_data
from thesis.execution.cluster.worker_setup import set_up_process
from thesis.execution.inference.saliency import TEXT_CLASSES, PictureMap, load_picture_map
from thesis.execution.storage.image_files import write_whole
from thesis_workloads.imaging.content_aware import (
    Encoded,
    Encoding,
    bits_of_levels,
    blocks_of_levels,
)
from thesis_workloads.imaging.image_file import reading_problem
from thesis_workloads.imaging.jpeg.file import with_metadata
from thesis_workloads.imaging.quality_levels import full_size
from thesis_workloads.imaging.quality_loss import background_loss, encode_within_loss
from thesis_workloads.imaging.still_image import StillImage, as_stored, pixels_of, read_map, read_still
from thesis_workloads.metrics.image_quality import quality_metrics

READ = (".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff", ".gif")
WRITTEN = (".jpg", ".jpeg")
_READING = (
    OSError,
    ValueError,
    SyntaxError,
    EOFError,
    MemoryError,
    Image.DecompressionBombError,
    ImageCms.PyCMSError,
)
_MOST_MEASURED = 16_000_000  # pixels; the metrics of a larger picture take gigabytes


@dataclass(frozen=True, kw_only=True)
class CompressedFile:
    """One image and what became of it."""

    source: Path
    target: Path
    error: str | None = None  # None: it was written
    notes: tuple[str, ...] = ()
    numbers: Mapping[str, float] = field(default_factory=dict)
    seconds: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Compressed:
    """All that is known of an image after it was encoded."""

    still: StillImage
    saliency: Tensor  # (h, w) in stored order
    encoded: Encoded
    settings: Encoding


def compress_one(
    source: Path,
    settings: Encoding,
    make_map: PictureMap | None,
    map_file: Path | None,
    max_loss: float | None = None,
) -> Compressed:
    """Returns an image encoded by its map.

    Args:
        source: its file.
        settings: how to encode; the metadata count towards a target size.
        make_map: see `compress_files`.
        map_file: see `compress_files`.
        max_loss: dB that the background may lose: see `quality_loss`.

    Raises:
        OSError, ValueError, SyntaxError: if the image or the map can't be read.
    """
    still = read_still(source)
    height, width = still.shown_size
    if map_file is not None:
        try:
            saliency = read_map(map_file, height=height, width=width)
        except _READING as error:
            raise ValueError(f"map {map_file}: {error}") from error
    elif make_map is not None:
        # A value per block is all that the encoder asks for; of a huge picture more would not fit.
        size = (math.ceil(height / 8), math.ceil(width / 8)) if height * width > _MOST_MEASURED else None
        saliency = make_map(still.shown(), output_size=size)
    else:
        raise ValueError("there is neither a network nor a map")
    stored = as_stored(saliency, still.orientation).contiguous()
    if settings.target_size is not None:
        settings = replace(settings, target_size=_left_for_pixels(settings.target_size, still))
    encoded = encode_within_loss(still.pixels, stored, settings, max_loss=max_loss)
    return Compressed(still=still, saliency=stored, encoded=encoded, settings=settings)


def _left_for_pixels(target_size: int, still: StillImage) -> int:
    """Returns the bytes that EXIF and profile leave of a size."""
    empty = b"\xff\xd8\xff\xe0\x00\x02\xff\xda\x00\x02"
    taken = len(with_metadata(empty, exif=still.exif, icc_profile=still.icc_profile)) - len(empty)
    if taken >= target_size:
        raise ValueError(
            f"--target-size must be above the {taken} bytes of EXIF and colour profile, got {target_size}"
        )
    return target_size - taken


def compress_files(
    settings: Encoding,
    make_map: PictureMap | None,
    map_file: Path | None,
    files: Sequence[tuple[Path, Path]],
    *,
    measure: bool,
    max_loss: float | None = None,
) -> Iterator[CompressedFile]:
    """Yields each file when it is done; one that can't be read or written says why.

    Args:
        settings: how to encode.
        make_map: `picture_maps.load_picture_map`.
        map_file: one map for all files.
        files: sources and targets.
        measure: also takes the metrics of table 2.1 for both encoders.
        max_loss: dB that the background may lose: see `quality_loss`.
    """
    set_up_process()
    for source, target in files:
        began = time.perf_counter()
        try:
            done = compress_one(source, settings, make_map, map_file, max_loss)
            data = with_metadata(done.encoded.data, exif=done.still.exif, icc_profile=done.still.icc_profile)
            write_whole(data, target)
            notes, numbers = list(done.still.notes), numbers_of(done, measure=measure)
            if measure and not _is_measurable(done):
                notes.append(f"not measured: it has more than {_MOST_MEASURED:,} pixels")
            if not done.encoded.is_matched:
                wanted = done.settings.target_size or len(done.encoded.plain)
                off = 100 * (len(done.encoded.data) / wanted - 1)
                notes.append(f"size {off:+.2f} % off, the nearest found")
            if max_loss is not None:
                lost = background_loss(done.still.pixels, done.encoded, done.saliency)
                numbers["background_loss"] = lost
                if lost > max_loss:
                    notes.append(f"background {lost:.2f} dB below the plain file's, the least found")
            yield CompressedFile(
                source=source,
                target=target,
                notes=tuple(notes),
                numbers=numbers,
                seconds=time.perf_counter() - began,
            )
        except _READING as problem:
            yield CompressedFile(source=source, target=target, error=reading_problem(problem))


def _is_measurable(done: Compressed) -> bool:
    return done.still.pixels.width * done.still.pixels.height <= _MOST_MEASURED


def numbers_of(done: Compressed, *, measure: bool) -> dict[str, float]:
    """Returns sizes and settings of a file, and with ``measure`` both encoders' metrics, as plain numbers."""
    encoded, pixels = done.encoded, done.still.pixels
    found: dict[str, float] = {
        "width": pixels.width,
        "height": pixels.height,
        "bytes": len(encoded.data),
        "plain_bytes": len(encoded.plain),
        "size_ratio": encoded.size_ratio,
        "is_matched": float(encoded.is_matched),
        "final_quality": encoded.final_quality,
        "num_encodes": encoded.num_encodes,
    }
    if measure and _is_measurable(done):
        reference, ours, plain = (pixels_of(each) for each in (pixels, encoded.data, encoded.plain))
        maps = _full_size(done.saliency, pixels)[None]
        for name, decoded in (("ms-roi", ours), ("std-jpeg", plain)):
            (metrics,) = quality_metrics(reference, decoded, maps)
            found |= {f"{name}/{key}": value for key, value in metrics.items()}
        if done.settings.rounding != "rate-distortion":
            found |= block_qualities(done)
        found |= {f"level_bytes/{at}": bits / 8 for at, bits in enumerate(bits_of_levels(encoded))}
        found |= {f"level_blocks/{at}": count for at, count in enumerate(blocks_of_levels(encoded))}
    return found


def block_qualities(done: Compressed) -> dict[str, float]:
    """Returns the mean quality of salient blocks (map above 0.5) and of the others; absent where none are."""
    from thesis_workloads.imaging.content_aware import quality_of_blocks
    from thesis_workloads.imaging.quality_levels import block_saliency
    from thesis_workloads.metrics.peak_signal import SALIENT_ABOVE

    pixels, qualities = done.still.pixels, quality_of_blocks(done.encoded)
    blocks = block_saliency(done.saliency[None], height=pixels.height, width=pixels.width)[0]
    salient = blocks[: qualities.shape[0], : qualities.shape[1]] > SALIENT_ABOVE
    parts = {"salient": qualities[salient], "background": qualities[~salient]}
    return {f"quality/{name}": float(part.mean()) for name, part in parts.items() if len(part)}


def compress_on_ray(
    settings: Encoding,
    map_file: Path | None,
    files: Sequence[tuple[Path, Path]],
    *,
    measure: bool,
    workers: int,
    classes: str = TEXT_CLASSES,
    run: Path | None = None,
    is_centred: bool = False,
    max_loss: float | None = None,
) -> Iterator[CompressedFile]:
    """Yields each file when it is done, as `compress_files`, by actors on Ray Data.

    A worker that dies is started again and does its files again.
    """
    with connected(dashboard=False):
        import ray.data
        from ray.data import ActorPoolStrategy, DataContext

        context = DataContext.get_current()
        context.enable_progress_bars = False
        context.print_on_execution_start = False
        silence_ray_data()
        rows = [
            {
                "number": at,
                "source": os.fsencode(source.resolve()),  # a name need not be UTF-8, which Arrow's text must
                "target": os.fsencode(target.resolve()),
            }
            for at, (source, target) in enumerate(files)
        ]
        done = ray.data.from_items(rows, override_num_blocks=min(len(rows), 8 * workers)).map_batches(
            _CompressStage,
            fn_constructor_kwargs={
                "settings": settings,
                "map_file": map_file,
                "measure": measure,
                "classes": classes,
                "run": run,
                "is_centred": is_centred,
                "max_loss": max_loss,
            },
            batch_size=1,
            compute=ActorPoolStrategy(size=workers),
            num_cpus=1,
        )
        for row in done.iter_rows():
            source, target = files[row["number"]]
            yield CompressedFile(
                source=source,
                target=target,
                error=row["error"] or None,
                notes=tuple(row["notes"].split("\n")) if row["notes"] else (),
                numbers=dict(zip(row["names"], row["values"], strict=True)),
                seconds=row["seconds"],
            )


class _CompressStage:
    """An actor that holds the network."""

    def __init__(
        self,
        settings: Encoding,
        map_file: Path | None,
        measure: bool,
        classes: str,
        run: Path | None,
        is_centred: bool,
        max_loss: float | None,
    ) -> None:
        self.settings, self.map_file, self.measure = settings, map_file, measure
        self.max_loss = max_loss
        self.make_map = load_picture_map(map_file, classes, run, is_centred=is_centred)

    def __call__(self, batch: dict[str, Any]) -> dict[str, Any]:
        """Returns what became of each file."""
        pairs = [
            (Path(os.fsdecode(source)), Path(os.fsdecode(target)))
            for source, target in zip(batch["source"], batch["target"], strict=True)
        ]
        done = list(
            compress_files(
                self.settings,
                self.make_map,
                self.map_file,
                pairs,
                measure=self.measure,
                max_loss=self.max_loss,
            )
        )
        return {
            "number": batch["number"],
            "error": [each.error or "" for each in done],
            "notes": ["\n".join(each.notes) for each in done],
            "names": [list(each.numbers) for each in done],
            "values": [[float(value) for value in each.numbers.values()] for each in done],
            "seconds": [each.seconds for each in done],
        }


def report_picture(
    source: Path,
    settings: Encoding,
    make_map: PictureMap | None,
    map_file: Path | None,
    max_loss: float | None = None,
) -> Any:
    """Returns arrays for a picture of one file: the original, both encoders' results, map and levels."""
    done = compress_one(source, settings, make_map, map_file, max_loss)
    images = [pixels_of(each)[0].permute(1, 2, 0).numpy() for each in
              (done.still.pixels, done.encoded.plain, done.encoded.data)]  # fmt: skip
    return {
        "images": images,
        "map": _full_size(done.saliency, done.still.pixels).numpy(),
        "files": tuple(
            with_metadata(data, exif=done.still.exif, icc_profile=done.still.icc_profile)
            for data in (done.encoded.plain, done.encoded.data)
        ),
        "levels": done.encoded.levels.numpy(),
        "has_qualities": settings.rounding != "rate-distortion",
        "qualities": done.encoded.level_qualities,
        "sizes": (len(done.encoded.plain), len(done.encoded.data)),
    }


def settings_row(settings: Encoding) -> dict[str, Any]:
    """Returns the settings as plain values, the level's qualities worked out."""
    return {**dataclasses.asdict(settings), "level_qualities": list(settings.level_qualities)}


def _full_size(saliency: Tensor, pixels: Image.Image) -> Tensor:
    return full_size(saliency, height=pixels.height, width=pixels.width)
