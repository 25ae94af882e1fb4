"""The encoders that are compared: each as a function from a picture and a size in bytes to a file about that large.

A peer has a quality, which is found by bisection. Extra ``peers``: pyjpegli, pyvips (whose libvips is built with
mozjpeg) and pyguetzli.
"""

import io
from collections.abc import Callable
from functools import lru_cache

import numpy as np
from PIL import Image
from torch import Tensor

from thesis_workloads.imaging.content_aware import Encoding, encode_content_aware
from thesis_workloads.imaging.jpeg.file import encode_jpeg
from thesis_workloads.imaging.jpeg.optimal_coding import code_optimally
from thesis_workloads.imaging.jpeg.tables import LUMA, tables_of_scale, zigzag_order

ToSize = Callable[[int], bytes]
PLAIN = "plain JPEG, lossless optimiser"
OURS = "ours, automatic map"
_SCALES = 120  # of the base tables, evenly in logarithms between a thirtieth and thirty


def peers(image: Image.Image) -> dict[str, ToSize]:
    """Returns each peer's encoder of a picture."""
    raw = np.asarray(image)
    return {
        "Pillow": _by_quality(lambda at: encode_jpeg(image, _scale(at)), 0, _SCALES),
        "Pillow, optimised, progressive": _by_quality(lambda at: _progressive(image, _scale(at)), 0, _SCALES),
        PLAIN: _by_quality(lambda at: code_optimally(encode_jpeg(image, _scale(at))), 0, _SCALES),
        "mozjpeg": _by_quality(lambda quality: mozjpeg(raw, quality, tables=3), 1, 100),
        "mozjpeg, tables for MS-SSIM": _by_quality(lambda quality: mozjpeg(raw, quality, tables=2), 1, 100),
        "jpegli": _by_quality(lambda quality: _jpegli(raw, quality), 1, 100),
    }


def other_formats(image: Image.Image) -> dict[str, ToSize]:
    """Returns encoders of formats that are not JPEG."""
    return {
        "WebP": _by_quality(lambda quality: _saved(image, "WEBP", quality=quality, method=4), 1, 100),
        "AVIF": _by_quality(lambda quality: _saved(image, "AVIF", quality=quality, speed=8), 1, 100),
    }


def ours(image: Image.Image, saliency: Tensor, **settings: object) -> ToSize:
    """Returns our encoder by a map, a file of a size within 2 % below it."""

    def to_size(size: int) -> bytes:
        chosen = Encoding(coding="optimal", target_size=size, **settings)  # type: ignore[arg-type]
        return encode_content_aware(image, saliency, chosen).data

    return to_size


def mozjpeg(pixels: np.ndarray, quality: int, *, tables: int) -> bytes:
    """Returns mozjpeg's file: trellis, progressive, scans optimised; its own default tables are 3."""
    import pyvips

    return bytes(
        pyvips.Image.new_from_array(pixels).jpegsave_buffer(
            Q=quality,
            subsample_mode="on",
            optimize_coding=True,
            interlace=True,
            trellis_quant=True,
            overshoot_deringing=True,
            optimize_scans=True,
            quant_table=tables,
            keep="none",
        )
    )


def guetzli(image: Image.Image, quality: int = 84) -> bytes:
    """Returns guetzli's file; 84 is the lowest quality that it takes."""
    import pyguetzli

    return bytes(pyguetzli.process_pil_image(image, quality))


def _jpegli(pixels: np.ndarray, quality: int) -> bytes:
    import pyjpegli

    return bytes(pyjpegli.encode(pixels.tobytes(), pixels.shape[1], pixels.shape[0], quality))


def _by_quality(encode: Callable[[int], bytes], low: int, high: int) -> ToSize:
    """Returns a function that finds the file nearest to a size; files grow with the quality."""
    kept = lru_cache(maxsize=None)(encode)

    def to_size(size: int) -> bytes:
        first, last = low, high
        while first < last:
            middle = (first + last) // 2
            first, last = (first, middle) if len(kept(middle)) >= size else (middle + 1, last)
        near = [kept(quality) for quality in (first - 1, first) if quality >= low]
        return min(near, key=lambda data: abs(len(data) - size))

    return to_size


def _scale(at: int) -> float:
    return float(30 ** (1 - 2 * at / _SCALES))


def _progressive(image: Image.Image, scale: float) -> bytes:
    tables = tables_of_scale(scale)[:, np.argsort(zigzag_order())]
    chosen = [tables[LUMA].tolist(), tables[1].tolist()]
    return _saved(image, "JPEG", qtables=chosen, subsampling="4:2:0", optimize=True, progressive=True)


def _saved(image: Image.Image, name: str, **settings: object) -> bytes:
    file = io.BytesIO()
    image.save(file, name, **settings)
    return file.getvalue()
