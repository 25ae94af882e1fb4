"""Figure 2.6: what content-aware JPEG gains in each category of pictures.

The dissertation has the twenty categories of the MIT Saliency set: a folder ``mit-saliency`` with one each, in the
data folder, is taken where it is there. Else five categories stand in: photographs, the same at a quarter of their
size and enlarged again, surfaces and a chessboard, drawings and writing, and Julia sets that are computed.
"""

import importlib.util
import math
import os
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image

from thesis.execution.inference.compress import READ, CompressedFile, compress_on_ray
from thesis.execution.measurements.compression import content_digest, map_network_digest
from thesis.execution.measurements.request import MeasureRequest
from thesis.results.findings import CellSamples, DataUsed, Findings
from thesis.results.panels import Panel, write_panels
from thesis_workloads.datasets.images.natural_photographs import natural_photographs
from thesis_workloads.imaging.content_aware import Encoding

_SET = "mit-saliency"
_FROM_PACKAGE = {
    "pattern": ("brick.png", "grass.png", "gravel.png", "chessboard_RGB.png"),
    "line drawing": ("horse.png", "page.png", "text.png", "clock_motion.png"),
}
_CONSTANTS = (-0.8 + 0.156j, -0.4 + 0.6j, 0.285 + 0.01j, -0.70176 - 0.3842j)  # of the Julia sets
_SHOWN = 10  # categories in the picture
_FRACTAL_SIDE, _MOST_STEPS = 512, 60


def data_digests(request: MeasureRequest) -> tuple[str, ...]:
    """Returns digests of the pictures, before any is made of them, and of the weights of the maps' network.

    Raises:
        UserError: if the weights are not here.
    """
    published = _published(request)
    if published:
        paths = [path for each in published.values() for path in each]
    else:
        paths = [
            *natural_photographs(),
            *(path for names in _FROM_PACKAGE.values() for path in _packaged(names)),
        ]
    return f"pictures: {content_digest(paths)}", map_network_digest()


def measure_categories(request: MeasureRequest) -> Findings:
    """Returns the PSNR-HVS gain of every picture by category, sizes matched."""
    with tempfile.TemporaryDirectory() as folder:
        is_published, found = _categories(request, Path(folder))
        settings = Encoding(quality=request.settings["quality"])
        files = [
            (path, Path(folder) / "out" / category / f"{path.stem}.jpg")
            for category, paths in found.items()
            for path in paths
        ]
        workers = min(request.concurrency or os.cpu_count() or 1, len(files))
        done = list(compress_on_ray(settings, None, files, measure=True, workers=workers))
        content = content_digest([path for path, _ in files])
        write_panels(
            request.folder, [[_panel(name, paths[0]) for name, paths in list(found.items())[:_SHOWN]]]
        )
    cells = [
        CellSamples(
            row={"set": "mit" if is_published else "shipped", "category": category},
            column="psnr_hvs_gain",
            values=gains,
            unit="image",
            is_quantity=True,
        )
        for category in found
        if (gains := _gains([each for each in done if each.target.parent.name == category]))
    ]
    name = "MIT Saliency" if is_published else f"stand-ins for {len(found)} categories"
    return Findings(
        data=DataUsed(name=name, version=f"{len(files)} pictures", digest=content, is_published=is_published),
        cells=tuple(cells),
        missing=tuple(f"{each.source.name}: {each.error}" for each in done if each.error),
    )


def _categories(request: MeasureRequest, folder: Path) -> tuple[bool, dict[str, list[Path]]]:
    if published := _published(request):
        return True, published
    count = request.settings["max_images"] or None
    photographs = natural_photographs()[:count]
    made = {
        "photograph": photographs,
        "low resolution": [_blurred(path, folder) for path in photographs],
        **{name: _packaged(names)[:count] for name, names in _FROM_PACKAGE.items()},
        "fractal": [_fractal(number, folder) for number in range(len(_CONSTANTS))][:count],
    }
    return False, {name: paths for name, paths in made.items() if paths}


def _published(request: MeasureRequest) -> dict[str, list[Path]]:
    """Returns the pictures of the published set by category; nothing where it is not here."""
    if request.data_dir is None or not (request.data_dir / _SET).is_dir():
        return {}
    count = request.settings["max_images"] or None
    found = {
        each.name.lower(): sorted(path for path in each.rglob("*") if path.suffix.lower() in READ)[:count]
        for each in sorted((request.data_dir / _SET).iterdir())
        if each.is_dir()
    }
    return {name: paths for name, paths in found.items() if paths}


def _packaged(names: tuple[str, ...]) -> list[Path]:
    spec = importlib.util.find_spec("skimage")
    if spec is None or spec.origin is None:
        return []
    paths = [Path(spec.origin).parent / "data" / name for name in names]
    return [path for path in paths if path.is_file()]


def _blurred(path: Path, folder: Path) -> Path:
    with Image.open(path) as file:
        small = file.convert("RGB").reduce(4)
        target = folder / f"{path.stem}-low.png"
        small.resize(file.size, Image.Resampling.BICUBIC).save(target)
    return target


def _fractal(number: int, folder: Path) -> Path:
    """Writes a Julia set, coloured by the steps after which a point leaves."""
    axis = np.linspace(-1.5, 1.5, _FRACTAL_SIDE)
    points = axis + 1j * axis[:, None]
    steps = np.zeros(points.shape)
    for _ in range(_MOST_STEPS):
        inside = np.abs(points) < 2
        points = np.where(inside, points**2 + _CONSTANTS[number], points)
        steps += inside
    share = steps / _MOST_STEPS
    colours = np.stack([share**0.5, share, np.sin(np.pi * share) ** 2], axis=-1)
    target = folder / f"julia-{number}.png"
    Image.fromarray((255 * colours).astype(np.uint8)).save(target)
    return target


def _gains(files: list[CompressedFile]) -> dict[str, float]:
    found = {
        each.source.stem: each.numbers["ms-roi/psnr_hvs"] - each.numbers["std-jpeg/psnr_hvs"]
        for each in files
        if each.error is None and "ms-roi/psnr_hvs" in each.numbers
    }
    return {name: gain for name, gain in sorted(found.items()) if math.isfinite(gain)}


def _panel(category: str, path: Path) -> Panel:
    with Image.open(path) as file:
        return Panel(title=category, values=np.asarray(file.convert("RGB")))
