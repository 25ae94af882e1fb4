"""Figures 2.2, 2.3 and 2.4: maps of photographs, and the steps from a map to a file."""

import io
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from thesis.execution.measurements.compression import content_digest, map_network_digest
from thesis.execution.measurements.request import MeasureRequest
from thesis.results.findings import CellSamples, DataUsed, Findings
from thesis.results.panels import Panel, write_panels
from thesis_workloads.contract.errors import UserError
from thesis_workloads.datasets.images.natural_photographs import natural_photographs
from thesis_workloads.imaging.content_aware import Encoding, bits_of_levels, encode_content_aware
from thesis_workloads.imaging.jpeg.file import assemble_jpeg
from thesis_workloads.metrics.peak_signal import SALIENT_ABOVE
from thesis_workloads.saliency.maps import image_map
from thesis_workloads.saliency.pretrained import load_map_network

_CAM, _MS_ROI = "cam", "ms-roi"
_FINEST = 1e-3  # a scale at which every step of the tables is 1


def data_digests(request: MeasureRequest) -> tuple[str, ...]:
    """Returns digests of the photographs and of the network's weights.

    Raises:
        UserError: if they are not here.
    """
    paths = _photographs(request.settings["photographs"])
    return f"photographs: {content_digest(paths)}", map_network_digest()


def measure_samples(request: MeasureRequest) -> Findings:
    """Returns how much of each photograph its maps mark; draws them next to the photographs."""
    paths = _photographs(request.settings["photographs"])
    network = load_map_network()
    makers = {_CAM: partial(image_map, network, top_k=1), _MS_ROI: partial(image_map, network)}
    lines, shares = [], {name: dict[str, float]() for name in request.settings["maps"]}
    for path in paths:
        picture = Image.open(path).convert("RGB")
        line = [Panel(title=path.stem, values=np.asarray(picture))]
        for name, found in shares.items():
            saliency = makers[name](picture)
            found[path.stem] = float((saliency > SALIENT_ABOVE).float().mean())
            line.append(Panel(title=name.upper(), values=saliency.numpy()))
        lines.append(line)
    write_panels(request.folder, list(zip(*lines, strict=True)) if request.settings["is_upright"] else lines)
    cells = [
        CellSamples(row={"map": name}, column="salient_share", values=values, unit="image")
        for name, values in shares.items()
    ]
    return Findings(data=_data(paths), cells=tuple(cells))


def measure_steps(request: MeasureRequest) -> Findings:
    """Returns what each level of one photograph takes; draws the steps from its map to the file."""
    (path,) = _photographs(request.settings["photographs"])
    picture = Image.open(path).convert("RGB")
    saliency = image_map(load_map_network(), picture)
    encoded = encode_content_aware(picture, saliency, Encoding(quality=request.settings["quality"]))
    width, height = picture.size
    mosaic = assemble_jpeg(encoded.coefficients, _FINEST, width=width, height=height)
    qualities = torch.tensor(encoded.level_qualities)[encoded.levels] / 100
    tiles = qualities.repeat_interleave(8, 0).repeat_interleave(8, 1)[:height, :width]
    write_panels(
        request.folder,
        [
            [
                Panel(title="original", values=np.asarray(picture)),
                Panel(title="MS-ROI", values=saliency.numpy()),
                Panel(title="quality of blocks / 100", values=tiles.numpy()),
            ],
            [
                Panel(title="mosaic", values=_decoded(mosaic)),
                Panel(title=f"file, {len(encoded.data):,} bytes", values=_decoded(encoded.data)),
                Panel(title=f"plain JPEG, {len(encoded.plain):,} bytes", values=_decoded(encoded.plain)),
            ],
        ],
    )
    cells = [
        CellSamples(
            row={"quality": float(quality)}, column="level_bytes", values={path.stem: bits / 8}, unit="exact"
        )
        for quality, bits in zip(encoded.level_qualities, bits_of_levels(encoded), strict=True)
    ]
    return Findings(data=_data([path]), cells=tuple(cells))


def _photographs(names: Sequence[str]) -> list[Path]:
    """Returns the shipped photographs of these names.

    Raises:
        UserError: if one is not here.
    """
    try:
        found = {path.stem: path for path in natural_photographs()}
    except FileNotFoundError as error:
        raise UserError(str(error)) from error
    missing = [name for name in names if name not in found]
    if missing:
        raise UserError(f"the photograph {missing[0]} is in no installed package (extra demo)")
    return [found[name] for name in names]


def _decoded(data: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))


def _data(paths: Sequence[Path]) -> DataUsed:
    return DataUsed(name=f"{len(paths)} shipped photographs", digest=content_digest(paths))
