"""Content-aware JPEG beside its peers at equal bytes, and the bytes that each needs for an equal PSNR-S.

Usage: ``python tests/benchmarks/bench_compress_peers.py --rows ROWS.jsonl choose|report|composites|guetzli|table``

The first four append what they measure to a file, one line for each picture and encoder, and leave out pictures
that are there; ``table`` writes the page of results from it. Every file is compared with a plain JPEG of quality
50 that went through the lossless optimiser, at that file's size. ``choose`` walks the settings of ours, on
photographs that ``report`` does not have.
"""

import argparse
import json
import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from peer_encoders import OURS, PLAIN, ToSize, guetzli, other_formats, ours, peers
from peer_measures import class_mask, measured, residual_mask
from peer_photographs import Picture, pictures
from peer_tables import write_page
from PIL import Image
from torch import Tensor

from thesis_workloads.datasets.images.composites import backgrounds, composites
from thesis_workloads.datasets.images.cutouts import stamps
from thesis_workloads.imaging.jpeg.file import encode_jpeg
from thesis_workloads.imaging.jpeg.optimal_coding import code_optimally
from thesis_workloads.imaging.jpeg.tables import scale_of_quality
from thesis_workloads.imaging.still_image import pixels_of
from thesis_workloads.metrics.peak_signal import psnr_salient
from thesis_workloads.saliency.maps import image_map
from thesis_workloads.saliency.pretrained import ClassifierMaps, load_map_network

RESULTS = Path(__file__).parent / "results" / "compress_peers.md"
QUALITY = 50  # of the plain JPEG whose size all files have
CURVE = (0.7, 1.0)  # of that size: where an equal PSNR-S is looked for
WEIGHTED = {"rounding": "rate-distortion"}
CHOICES = {
    "jpeg": {"rounding": "jpeg"},
    "keep": {"rounding": "keep"},
    **{
        f"rate-distortion, price {price}, flatness {flatness:g}": {
            **WEIGHTED,
            "background_price": float(price),
            "flatness": flatness,
        }
        for price, flatness in ((1, 0.5), (16, 0.5), (32, 0.0), (32, 0.25), (32, 0.5), (32, 0.75), (64, 0.5))
    },
}
Row = dict[str, object]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("part", choices=("choose", "report", "composites", "guetzli", "table"))
    parser.add_argument("--rows", type=Path, required=True)
    parser.add_argument(
        "--backwards", action="store_true", help="from the last picture, next to a run from the first"
    )
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    if arguments.part == "table":
        write_page(_read(arguments.rows), RESULTS)
        print(RESULTS.read_text(encoding="utf-8"))
        return
    network = load_map_network()
    work = {"choose": _choose, "report": _report, "composites": _composites, "guetzli": _guetzli}
    for picture, masks in list(_pictures(arguments.part))[:: -1 if arguments.backwards else 1]:
        known = {row["picture"] for row in _read(arguments.rows) if row["part"] == arguments.part}
        if picture.name not in known:
            rows = work[arguments.part](picture, masks, network)
            base = {"part": arguments.part, "picture": picture.name, "source": picture.source}
            with arguments.rows.open("a", encoding="utf-8") as file:
                file.write("".join(json.dumps({**base, **row}) + "\n" for row in rows))


def _pictures(part: str) -> Iterator[tuple[Picture, dict[str, Tensor]]]:
    """Yields pictures, with the masks that are known of them."""
    if part == "composites":
        scenes = composites(stamps(), num=24, size=384, seed=0, photographs=backgrounds())
        for number, (pixels, mask) in enumerate(zip(scenes.images, scenes.masks, strict=True)):
            image = Image.fromarray(pixels.permute(1, 2, 0).numpy())
            name = f"composite-{number}"
            yield Picture(name=name, source=name, pixels=image), {"perfect": mask.float()}
    else:
        found = pictures("choose" if part == "choose" else "report")
        if part == "choose":
            found = [picture for picture in found if picture.name.endswith("-0")]
        for picture in found[:: 20 if part == "guetzli" else 1]:
            yield picture, {}


def _choose(picture: Picture, masks: dict[str, Tensor], network: ClassifierMaps) -> list[Row]:
    saliency, masks = _masks(picture, masks, network)
    encoders = {name: ours(picture.pixels, saliency, **each) for name, each in CHOICES.items()}
    encoders["mozjpeg, tables for MS-SSIM"] = peers(picture.pixels)["mozjpeg, tables for MS-SSIM"]
    return _at_equal_bytes(picture.pixels, encoders, masks, curve="")


def _report(picture: Picture, masks: dict[str, Tensor], network: ClassifierMaps) -> list[Row]:
    saliency, masks = _masks(picture, masks, network)
    image = picture.pixels
    encoders = peers(image) | {
        "ours, rounding jpeg": ours(image, saliency, rounding="jpeg"),
        "ours, rounding keep": ours(image, saliency, rounding="keep"),
        OURS: ours(image, saliency, **WEIGHTED),
        "ours, mirrored map": ours(image, saliency.flip(1), **WEIGHTED),
    }
    rows = _at_equal_bytes(image, encoders, masks, curve="salient")
    return rows + _at_equal_bytes(image, other_formats(image), masks, curve="")[1:]


def _composites(picture: Picture, masks: dict[str, Tensor], network: ClassifierMaps) -> list[Row]:
    perfect = masks["perfect"]
    saliency, masks = _masks(picture, masks, network)
    image, some = picture.pixels, peers(picture.pixels)
    encoders = {name: some[name] for name in (PLAIN, "mozjpeg, tables for MS-SSIM", "jpegli")} | {
        OURS: ours(image, saliency, **WEIGHTED),
        "ours, perfect map": ours(image, perfect, **WEIGHTED),
        "ours, mirrored perfect map": ours(image, perfect.flip(1), **WEIGHTED),
    }
    return _at_equal_bytes(image, encoders, masks, curve="perfect")


def _guetzli(picture: Picture, masks: dict[str, Tensor], network: ClassifierMaps) -> list[Row]:
    """Compares at the size of guetzli's own file of its lowest quality."""
    saliency, masks = _masks(picture, masks, network)
    data, some = guetzli(picture.pixels), peers(picture.pixels)
    encoders: dict[str, ToSize] = {
        "guetzli": lambda size: data,
        "mozjpeg": some["mozjpeg"],
        "jpegli": some["jpegli"],
    }
    encoders |= {PLAIN: some[PLAIN], OURS: ours(picture.pixels, saliency, **WEIGHTED)}
    return _at_equal_bytes(picture.pixels, encoders, masks, curve="", size=len(data))


def _masks(
    picture: Picture, known: dict[str, Tensor], network: ClassifierMaps
) -> tuple[Tensor, dict[str, Tensor]]:
    """Returns the automatic map, and it with the other masks."""
    saliency = image_map(network, picture.pixels)
    others = {"class": class_mask(network, picture.pixels), "residual": residual_mask(picture.pixels)}
    return saliency, {"salient": saliency, **others, **known}


def _at_equal_bytes(
    image: Image.Image,
    encoders: dict[str, ToSize],
    masks: dict[str, Tensor],
    *,
    curve: str,
    size: int | None = None,
) -> list[Row]:
    """Returns for each encoder its metrics, and the bytes that it needs for the plain file's PSNR-S by one mask."""
    plain = code_optimally(encode_jpeg(image, scale_of_quality(QUALITY)))
    size = size or len(plain)
    rows: list[Row] = [{"encoder": "reference", "bytes": size, **measured(image, plain, masks)}]
    for name, to_size in encoders.items():
        data = to_size(size)
        row: Row = {"encoder": name, "bytes": len(data), **measured(image, data, masks)}
        if curve and math.isfinite(float(str(rows[0][curve]))):
            row["equal_bytes"] = _bytes_for(float(str(rows[0][curve])), image, to_size, masks[curve], size)
        rows.append(row)
    return rows


def _bytes_for(wanted: float, image: Image.Image, to_size: ToSize, mask: Tensor, size: int) -> float:
    """Returns the bytes at which PSNR-S is as wanted, on straight lines between the points of a curve in log bytes."""
    shares, reference, points = list(CURVE), pixels_of(image), []
    while shares:
        data = to_size(round(shares.pop(0) * size))
        points.append((float(psnr_salient(reference, pixels_of(data), mask[None])[0]), math.log(len(data))))
        if not shares and len(points) < 8:
            lowest, highest = min(points)[0], max(points)[0]
            if wanted > highest:
                shares = [1.25 * math.exp(max(points)[1]) / size]
            elif wanted < lowest:
                shares = [math.exp(min(points)[1]) / size / 1.33]
    points.sort()
    return float(math.exp(np.interp(wanted, [each[0] for each in points], [each[1] for each in points])))


def _read(path: Path) -> list[Row]:
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


if __name__ == "__main__":
    main()
