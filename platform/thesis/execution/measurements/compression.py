"""Table 2.1 and figure 2.5: content-aware next to plain JPEG over photographs, on Ray Data."""

import hashlib
import math
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from PIL import Image

from thesis.execution.inference.compress import CompressedFile, compress_on_ray
from thesis.execution.measurements.request import MeasureRequest
from thesis.results.findings import CellSamples, DataUsed, Findings
from thesis_workloads.classifiers.architectures import lite0_weights
from thesis_workloads.contract.errors import UserError
from thesis_workloads.datasets.images.natural_photographs import natural_photographs
from thesis_workloads.imaging.content_aware import ROUNDINGS, Encoding
from thesis_workloads.metrics.image_quality import METRICS

# Method -> the run that it is measured in, and its prefix there. The last two are both in optimal coding.
_METHODS = {
    "std-jpeg": ("jpeg", "std-jpeg"),
    "ms-roi": ("jpeg", "ms-roi"),
    "ms-roi-keep": ("keep", "ms-roi"),
    "std-jpeg-optimal": ("rate-distortion", "std-jpeg"),
    "ms-roi-rate-distortion": ("rate-distortion", "ms-roi"),
}


def measure_table(request: MeasureRequest) -> Findings:
    """Returns the seven metrics of both encoders over the shipped photographs."""
    paths = _photographs(request)
    done = {rounding: _compressed(request, paths, rounding) for rounding in ROUNDINGS}
    row = {"dataset": "kodak"}
    cells = [
        CellSamples(row={**row, "method": method}, column=metric, values=values, unit="image")
        for method, (rounding, prefix) in _METHODS.items()
        for metric in METRICS
        if (values := _finite(done[rounding], f"{prefix}/{metric}"))
    ]
    text = [each for each in done["jpeg"] if each.error is None]
    cells += [
        _quantity("mean_quality", {"region": region}, values)
        for region in ("salient", "background")
        if (values := _finite(text, f"quality/{region}"))
    ]
    qualities = _finite(text, "final_quality")
    cells.append(_quantity("mean_quality", {"method": "ms-roi"}, qualities))
    cells.append(_quantity("mean_quality", {"method": "std-jpeg"}, dict.fromkeys(qualities, 50.0)))
    cells.append(_quantity("file_size", {"method": "ms-roi"}, _finite(text, "bytes")))
    cells.append(_quantity("file_size", {"method": "std-jpeg"}, _finite(text, "plain_bytes")))
    notes = [
        f"{rounding}: {sum(each.numbers.get('is_matched', 0) for each in files):.0f} of {len(files)} files are"
        " within 1 % of the plain one's size."
        for rounding, files in done.items()
    ]
    return _findings(request, paths, cells, done, notes)


def measure_sizes(request: MeasureRequest) -> Findings:
    """Returns the PSNR-HVS gain of every photograph at several shares of its width and height."""
    cells, done = [], dict[str, list[CompressedFile]]()
    paths = _photographs(request)
    for share in request.settings["sizes"]:
        with tempfile.TemporaryDirectory() as folder:
            scaled = [_scaled(path, float(share), Path(folder)) for path in paths]
            files = done[f"{share:g}"] = _compressed(request, scaled, "jpeg")
        ours, plain = (_finite(files, f"{method}/psnr_hvs") for method in ("ms-roi", "std-jpeg"))
        gains = {name: value - plain[name] for name, value in ours.items() if name in plain}
        if gains:
            cells.append(_quantity("psnr_hvs_gain", {"set": "shipped-resized", "size": f"{share:g}"}, gains))
    notes = [
        "Sizes are shares of each photograph's own sides; the dissertation scales one picture of 8705 x 8400."
    ]
    return _findings(request, paths, cells, done, notes)


def data_digests(request: MeasureRequest) -> tuple[str, ...]:
    """Returns digests of the photographs and of the weights of the network that makes the maps.

    Raises:
        UserError: if they are not here.
    """
    return f"photographs: {content_digest(_photographs(request))}", map_network_digest()


def map_network_digest() -> str:
    """Returns a line that tells the weights of the network that makes the maps.

    Raises:
        UserError: if they are not here.
    """
    try:
        weights = lite0_weights()
    except (ImportError, OSError) as error:
        raise UserError(str(error)) from error
    return f"map network: {content_digest([weights])}"


def content_digest(paths: Sequence[Path]) -> str:
    """Returns 16 hex digits over the contents of files, in order."""
    content = hashlib.blake2b(digest_size=8)
    for path in paths:
        content.update(path.read_bytes())
    return content.hexdigest()


def _photographs(request: MeasureRequest) -> list[Path]:
    try:
        found = natural_photographs()
    except FileNotFoundError as error:
        raise UserError(str(error)) from error
    return found[: request.settings["max_images"] or None]


def _compressed(request: MeasureRequest, paths: Sequence[Path], rounding: str) -> list[CompressedFile]:
    # The dissertation's comparison is in baseline coding; the better rounding is measured in the better one.
    coding = "optimal" if rounding == "rate-distortion" else "baseline"
    settings = Encoding(quality=request.settings["quality"], rounding=rounding, coding=coding)
    workers = min(request.concurrency or os.cpu_count() or 1, len(paths))
    with tempfile.TemporaryDirectory() as folder:
        files = [(path, Path(folder) / f"{path.stem}.jpg") for path in paths]
        done = list(compress_on_ray(settings, None, files, measure=True, workers=workers))
    return sorted(done, key=lambda each: each.source.name)


def _scaled(path: Path, share: float, folder: Path) -> Path:
    with Image.open(path) as file:
        size = tuple(max(1, round(side * share)) for side in file.size)
        file.convert("RGB").resize((size[0], size[1]), Image.Resampling.LANCZOS).save(
            folder / f"{path.stem}.png"
        )
    return folder / f"{path.stem}.png"


def _finite(files: Sequence[CompressedFile], key: str) -> dict[str, float]:
    return {
        each.source.stem: each.numbers[key]
        for each in files
        if each.error is None and math.isfinite(each.numbers.get(key, math.nan))
    }


def _quantity(name: str, arguments: dict[str, str], values: dict[str, float]) -> CellSamples:
    return CellSamples(row=arguments, column=name, values=values, unit="image", is_quantity=True)


def _findings(
    request: MeasureRequest,
    paths: Sequence[Path],
    cells: list[CellSamples],
    done: dict[str, list[CompressedFile]],
    notes: list[str],
) -> Findings:
    rows = [
        {"run": run, "file": each.source.name, "error": each.error, "column": key, "value": value}
        for run, files in done.items()
        for each in files
        for key, value in (each.numbers or {"": math.nan}).items()
    ]
    pq.write_table(pa.Table.from_pylist(rows), request.folder / "rows.parquet")
    missing = tuple(
        f"{each.source.name}: {each.error}" for files in done.values() for each in files if each.error
    )
    name = f"{len(paths)} shipped photographs"
    return Findings(
        data=DataUsed(name=name, digest=content_digest(paths)),
        cells=tuple(cells),
        missing=missing,
        notes=tuple(notes),
    )
