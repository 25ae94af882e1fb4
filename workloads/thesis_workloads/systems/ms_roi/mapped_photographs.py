"""Photographs with what a network says of their classes: what the trials of a sweep of the encoder share.

The network runs once for each photograph. Of its classes the strongest are kept, so that every choice among
them, the k strongest or those above T, makes its map from what is there already.
"""

import dataclasses
import hashlib
import logging
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from thesis_workloads.classifiers.catalog import CATALOG
from thesis_workloads.datasets.images.natural_photographs import natural_photographs
from thesis_workloads.datasets.images.photograph_parts import photographs_of_part
from thesis_workloads.datasets.images.photographs import SUFFIXES, Photograph
from thesis_workloads.imaging.image_file import list_images, printable_name
from thesis_workloads.imaging.still_image import read_upright
from thesis_workloads.saliency.alignment import align_images, alignment_of
from thesis_workloads.saliency.class_activity import ClassActivity, MapNetwork
from thesis_workloads.saliency.maps import finished, network_sized
from thesis_workloads.saliency.pretrained import load_map_network
from thesis_workloads.saliency.regions import regions_of_interest
from thesis_workloads.systems.ms_roi.config import RegionEncoderConfig
from thesis_workloads.systems.ms_roi.state import load_model_file

DATA_FIELDS = ("data", "network", "input_size", "longest_side", "num_val")
SHIPPED = "photographs"
_MOST_CLASSES = 64
_NO_LABEL = 0
_log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class MappedPhotograph:
    """One photograph and the activity of its strongest classes."""

    name: str
    pixels: Tensor  # (H, W, 3) uint8
    maps: Tensor  # (1, C, h, w) float32, the strongest class first
    totals: Tensor  # (1, C) float32

    def region_map(self, *, top_k: int, threshold: float | None, size: int, stride: int) -> Tensor:
        """Returns MS-ROI ``(H, W)`` in [0, 1] for a network of that input size and stride."""
        height, width = self.pixels.shape[:2]
        alignment = alignment_of(height, width, size=size, stride=stride)
        activity = ClassActivity(maps=self.maps, totals=self.totals)
        regions = regions_of_interest(activity, top_k=top_k, threshold=threshold)
        return finished(regions, alignment, (height, width))[0]


@dataclass(frozen=True, kw_only=True)
class MappedPhotographs:
    """Two parts that share no photograph."""

    val: tuple[MappedPhotograph, ...]  # to choose by
    test: tuple[MappedPhotograph, ...]
    input_size: int  # of the network
    stride: int
    name: str
    version: str
    digest: str


def load(config: RegionEncoderConfig, data_dir: Path | None = None) -> MappedPhotographs:
    """Returns both parts of a config's photographs with their activity; one that can't be read is named in the log.

    Raises:
        ValueError: if a part has no photograph that can be read, or there is no such network.
        FileNotFoundError: if there are no photographs or no weights.
    """
    listed = _listed(config)
    network = _network(config)
    parts = {
        part: _mapped(photographs_of_part(listed, part)[: config.num_val or None], config, network)
        for part in ("val", "test")
    }
    if empty := [part for part, mapped in parts.items() if not mapped]:
        raise ValueError(
            f"data must have two photographs or more that can be read, got data={config.data!r} with none in"
            f" its part {empty[0]}"
        )
    state = hashlib.blake2b(f"{config.network} {config.input_size}".encode(), digest_size=8)
    for each in (*parts["val"], *parts["test"]):
        state.update(each.name.encode() + each.pixels.numpy().tobytes())
    return MappedPhotographs(
        val=parts["val"],
        test=parts["test"],
        input_size=network.input_size,
        stride=network.stride,
        name="shipped photographs" if config.data == SHIPPED else Path(config.data).name,
        version=f"{len(parts['val'])} to choose by, {len(parts['test'])} apart, maps of {config.network}",
        digest=state.hexdigest(),
    )


def _listed(config: RegionEncoderConfig) -> list[Photograph]:
    if config.data == SHIPPED:
        paths, root = natural_photographs(), None
    else:
        root = Path(config.data)
        if not root.is_dir():
            raise FileNotFoundError(f"data must be {SHIPPED} or a folder of images, got data={config.data!r}")
        paths = list_images(root, SUFFIXES)
    return [
        Photograph(
            id=printable_name(path.relative_to(root)) if root else path.name, path=path, label=_NO_LABEL
        )
        for path in paths
    ]


def _network(config: RegionEncoderConfig) -> MapNetwork:
    if config.network in CATALOG:
        return load_map_network(config.network, input_size=config.input_size)
    return load_model_file(Path(config.network), input_size=config.input_size)


def _mapped(
    photographs: list[Photograph], config: RegionEncoderConfig, network: MapNetwork
) -> tuple[MappedPhotograph, ...]:
    found = []
    for each in photographs:
        try:
            image, _ = read_upright(each.path)
        except (OSError, ValueError) as error:
            _log.warning("left out: %s: %s", each.id, error)
            continue
        if config.longest_side and max(image.size) > config.longest_side:
            image.thumbnail((config.longest_side, config.longest_side), Image.Resampling.LANCZOS)
        found.append(_with_activity(each.id, image, network))
    return tuple(found)


@torch.no_grad()
def _with_activity(name: str, image: Image.Image, network: MapNetwork) -> MappedPhotograph:
    small = network_sized(network, image)
    alignment = alignment_of(image.height, image.width, size=network.input_size, stride=network.stride)
    activity = network.activity(align_images(small, alignment))
    strongest = activity.totals[0].topk(min(_MOST_CLASSES, activity.totals.shape[1])).indices
    kept = dataclasses.replace(
        activity, maps=activity.maps[:, strongest].clone(), totals=activity.totals[:, strongest].clone()
    )
    pixels = torch.from_numpy(np.array(image))
    return MappedPhotograph(name=name, pixels=pixels, maps=kept.maps, totals=kept.totals)
