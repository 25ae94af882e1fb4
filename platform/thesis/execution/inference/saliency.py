"""Saliency maps of a user's images, by a pretrained classifier or by a trained network of MS-ROI."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import torch
from PIL import Image
from torch import Tensor

from thesis.execution.storage.trained_models import find_best_model
from thesis_workloads.contract.errors import UserError
from thesis_workloads.saliency.class_activity import MapNetwork
from thesis_workloads.saliency.maps import image_map
from thesis_workloads.saliency.pretrained import load_map_network
from thesis_workloads.saliency.regions import chosen_classes
from thesis_workloads.systems.ms_roi.experiment import MSROI
from thesis_workloads.systems.ms_roi.state import load_model

TEXT_CLASSES = "top-5"  # section 2.3
PictureMap = Callable[..., Tensor]  # `maps.image_map` but for its network and classes


def load_picture_map(
    map_file: Path | None, classes: str = TEXT_CLASSES, run: Path | None = None, *, is_centred: bool = False
) -> PictureMap | None:
    """Returns the function that makes the map of an image; None where a map is given.

    Args:
        map_file: one map for all.
        classes: in the map, see `regions.chosen_classes`.
        is_centred: takes a Gaussian around the middle in place of a network's map.
        run: the folder of a training of ms-roi, whose network is taken; None for a pretrained classifier.

    Raises:
        UserError: if there are no such classes, the run left no network, or the weights are not here.
    """
    if map_file is not None:
        return None
    if is_centred:
        return centre_map
    try:
        top_k, threshold = chosen_classes(classes)
    except ValueError as error:
        raise UserError(f"--{error}") from error
    try:
        return partial(image_map, _network(run), top_k=top_k, threshold=threshold)
    except (ValueError, OSError, ImportError) as error:
        raise UserError(f"{error}; or give a map with --map") from error


def centre_map(picture: Image.Image, *, output_size: tuple[int, int] | None = None) -> Tensor:
    """Returns ``(H, W)`` in (0, 1]: a Gaussian around the middle, 0.5 at 0.42 of the way to each side."""
    height, width = output_size or (picture.height, picture.width)
    down, across = ((torch.arange(side) + 0.5) / side * 4 - 2 for side in (height, width))
    return torch.exp(-down.square())[:, None] * torch.exp(-across.square())


def _network(run: Path | None) -> MapNetwork:
    if run is None:
        return load_map_network()
    return load_model(find_best_model(MSROI, run.parent, run.name).state)
