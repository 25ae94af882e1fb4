"""Content-aware JPEG over a user's own images: each is written atomically, or named with the reason.

A few files are compressed one after another in this process; many go through Ray Data, an actor per worker, each
with the network in memory.
"""

import os
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from thesis.execution.cluster.connection import ray_session
from thesis.execution.cluster.ray_data import quiet_data_context
from thesis.execution.cluster.worker_setup import set_up_worker
from thesis.execution.inference.compressed_image import (
    MAX_MEASURED_PIXELS,
    READING_ERRORS,
    compress_image,
    is_measurable,
    numbers_of,
)
from thesis.execution.inference.saliency import TEXT_CLASSES, PictureMap, load_picture_map
from thesis.files import write_atomic
from thesis_workloads.imaging.content_aware import Encoding
from thesis_workloads.imaging.image_file import reading_problem
from thesis_workloads.imaging.jpeg.file import with_metadata
from thesis_workloads.imaging.quality_loss import background_loss

READ = (".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff", ".gif")
WRITTEN = (".jpg", ".jpeg")


@dataclass(frozen=True, kw_only=True)
class CompressedFile:
    """One image and the result."""

    source: Path
    target: Path
    error: str | None = None  # None: it was written
    notes: tuple[str, ...] = ()
    numbers: Mapping[str, float] = field(default_factory=dict)
    seconds: float = 0.0


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
        make_map: `saliency.load_picture_map`.
        map_file: one map for all files.
        files: sources and targets.
        measure: also takes the metrics of table 2.1 for both encoders.
        max_loss: dB that the background may lose: see `quality_loss`.
    """
    set_up_worker()
    for source, target in files:
        began = time.perf_counter()
        try:
            done = compress_image(source, settings, make_map, map_file, max_loss)
            data = with_metadata(done.encoded.data, exif=done.still.exif, icc_profile=done.still.icc_profile)
            write_atomic(target, data)
            notes, numbers = list(done.still.notes), numbers_of(done, measure=measure)
            if measure and not is_measurable(done):
                notes.append(f"not measured: it has more than {MAX_MEASURED_PIXELS:,} pixels")
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
        except READING_ERRORS as problem:
            yield CompressedFile(source=source, target=target, error=reading_problem(problem))


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
    with ray_session(dashboard=False):
        import ray.data
        from ray.data import ActorPoolStrategy

        quiet_data_context(hides_errors=True)
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
        """Returns the results of some files as columns."""
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
