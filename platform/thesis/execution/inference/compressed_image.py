"""One image as content-aware JPEG: encoded by its map, measured, and as arrays for a figure."""

import math
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from PIL import Image, ImageCms
from torch import Tensor

from thesis.execution.inference.saliency import PictureMap
from thesis_workloads.imaging.content_aware import Encoded, Encoding, bits_of_levels, blocks_of_levels
from thesis_workloads.imaging.jpeg.file import with_metadata
from thesis_workloads.imaging.quality_levels import full_size
from thesis_workloads.imaging.quality_loss import encode_within_loss
from thesis_workloads.imaging.still_image import StillImage, as_stored, pixels_of, read_map, read_still
from thesis_workloads.metrics.image_quality import quality_metrics

READING_ERRORS = (
    OSError,
    ValueError,
    SyntaxError,
    EOFError,
    MemoryError,
    Image.DecompressionBombError,
    ImageCms.PyCMSError,
)
MAX_MEASURED_PIXELS = 16_000_000  # the metrics of a larger image take gigabytes


@dataclass(frozen=True, kw_only=True)
class CompressedImage:
    """An image after it was encoded."""

    still: StillImage
    saliency: Tensor  # (h, w) in stored order
    encoded: Encoded
    settings: Encoding


def compress_image(
    source: Path,
    settings: Encoding,
    make_map: PictureMap | None,
    map_file: Path | None,
    max_loss: float | None = None,
) -> CompressedImage:
    """Returns an image encoded by its map.

    Args:
        source: its file.
        settings: how to encode; the metadata count towards a target size.
        make_map: see `compress.compress_files`.
        map_file: see `compress.compress_files`.
        max_loss: dB that the background may lose: see `quality_loss`.

    Raises:
        OSError, ValueError, SyntaxError: if the image or the map can't be read.
    """
    still = read_still(source)
    height, width = still.shown_size
    if map_file is not None:
        try:
            saliency = read_map(map_file, height=height, width=width)
        except READING_ERRORS as error:
            raise ValueError(f"map {map_file}: {error}") from error
    elif make_map is not None:
        # A value per block is all that the encoder asks for; of a huge image more would not fit.
        size = (math.ceil(height / 8), math.ceil(width / 8)) if height * width > MAX_MEASURED_PIXELS else None
        saliency = make_map(still.shown(), output_size=size)
    else:
        raise ValueError("there is neither a network nor a map")
    stored = as_stored(saliency, still.orientation).contiguous()
    if settings.target_size is not None:
        settings = replace(settings, target_size=_left_for_pixels(settings.target_size, still))
    encoded = encode_within_loss(still.pixels, stored, settings, max_loss=max_loss)
    return CompressedImage(still=still, saliency=stored, encoded=encoded, settings=settings)


def _left_for_pixels(target_size: int, still: StillImage) -> int:
    """Returns the bytes that EXIF and profile leave of a size."""
    empty = b"\xff\xd8\xff\xe0\x00\x02\xff\xda\x00\x02"
    taken = len(with_metadata(empty, exif=still.exif, icc_profile=still.icc_profile)) - len(empty)
    if taken >= target_size:
        raise ValueError(
            f"--target-size must be above the {taken} bytes of EXIF and colour profile, got {target_size}"
        )
    return target_size - taken


def is_measurable(done: CompressedImage) -> bool:
    """Returns whether an image is small enough for its metrics to be taken."""
    return done.still.pixels.width * done.still.pixels.height <= MAX_MEASURED_PIXELS


def numbers_of(done: CompressedImage, *, measure: bool) -> dict[str, float]:
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
    if measure and is_measurable(done):
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


def block_qualities(done: CompressedImage) -> dict[str, float]:
    """Returns the mean quality of salient blocks (map above 0.5) and of the others; absent where none are."""
    from thesis_workloads.imaging.content_aware import quality_of_blocks
    from thesis_workloads.imaging.quality_levels import block_saliency
    from thesis_workloads.metrics.peak_signal import SALIENT_ABOVE

    pixels, qualities = done.still.pixels, quality_of_blocks(done.encoded)
    blocks = block_saliency(done.saliency[None], height=pixels.height, width=pixels.width)[0]
    salient = blocks[: qualities.shape[0], : qualities.shape[1]] > SALIENT_ABOVE
    parts = {"salient": qualities[salient], "background": qualities[~salient]}
    return {f"quality/{name}": float(part.mean()) for name, part in parts.items() if len(part)}


def report_picture(
    source: Path,
    settings: Encoding,
    make_map: PictureMap | None,
    map_file: Path | None,
    max_loss: float | None = None,
) -> Any:
    """Returns arrays for a figure of one file: the original, both encoders' results, map and levels."""
    done = compress_image(source, settings, make_map, map_file, max_loss)
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


def _full_size(saliency: Tensor, pixels: Image.Image) -> Tensor:
    return full_size(saliency, height=pixels.height, width=pixels.width)
