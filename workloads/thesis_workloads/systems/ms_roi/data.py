"""The images, labels and, where they are known, masks that a configuration names."""

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from thesis_workloads.datasets.errors import DatasetMissing
from thesis_workloads.datasets.images.composites import (
    Composites,
    backgrounds,
    composites,
    held_out,
)
from thesis_workloads.datasets.images.cutouts import Cutout, digest_of, shapes, stamps
from thesis_workloads.datasets.images.photographs import SUFFIXES, read_photograph
from thesis_workloads.imaging.image_file import list_class_folders, list_images, printable_name
from thesis_workloads.systems.ms_roi.config import RegionNetworkConfig

DATA_FIELDS = ("data", "image_size", "num_train", "num_val")
"""Settings that the data depend on."""

_CALTECH = "256_ObjectCategories"
_CLUTTER = "clutter"  # Caltech-256's last folder shows nothing in particular: images without a label
_PARTS = {"train": 0, "val": 1, "test": 2}
_SHARES = (80, 90)  # percent up to which an image of a folder is for training, for validation


@dataclass(frozen=True, kw_only=True)
class LabelledPart:
    """One part of the images."""

    images: Tensor  # (N, 3, S, S) uint8
    labels: Tensor  # (N, C) float32, 1 where a class is in the image
    masks: Tensor | None = None  # (N, S, S) bool, True on any object, where that is known


@dataclass(frozen=True, kw_only=True)
class RegionData:
    """The training part, the held-out part, and the test part read once."""

    train: LabelledPart
    val: LabelledPart
    test: LabelledPart
    class_names: tuple[str, ...]
    name: str
    version: str
    digest: str  # 16 hex digits over what the parts are made of
    unreadable: tuple[str, ...] = ()  # images of a folder that were left out


def load(config: RegionNetworkConfig, data_dir: Path | None) -> RegionData:
    """Returns the data of a configuration.

    Raises:
        DatasetMissing: if its files or packages are not here, with what to do.
        ValueError: if a folder has no classes or too few images.
    """
    if config.data == "composites":
        return _generated(config, shapes(), name="composites of shapes")
    if config.data == "stamps":
        return _generated(config, stamps(), name="composites of stamps")
    if config.data == "caltech-256":
        places = [data_dir / _CALTECH, data_dir / "caltech256" / _CALTECH] if data_dir else []
        found = [place for place in places if place.is_dir()]
        if not found:
            raise DatasetMissing(
                f"caltech-256 needs --data-dir with the folder {_CALTECH} of its archive, got {data_dir}"
            )
        return _from_folder(config, found[0])
    folder = Path(config.data)
    if not folder.is_dir():
        raise DatasetMissing(
            f"data must be composites, stamps, caltech-256 or a folder with a folder of images per class, got"
            f" data={config.data}"
        )
    return _from_folder(config, folder)


def _generated(config: RegionNetworkConfig, cutouts: list[Cutout], *, name: str) -> RegionData:
    photographs = backgrounds()
    seen, unseen = held_out(cutouts)
    counts = {"train": config.num_train, "val": config.num_val, "test": config.num_val}
    made: dict[str, Composites] = {
        part: composites(
            unseen if part == "test" else seen,
            num=count,
            size=config.image_size,
            seed=_PARTS[part],
            photographs=photographs,
        )
        for part, count in counts.items()
    }
    digest = hashlib.blake2b(digest_of(cutouts).encode(), digest_size=8)
    for part in made.values():
        digest.update(part.images.numpy().tobytes())
    parts = {
        part: LabelledPart(images=each.images, labels=each.labels, masks=each.masks)
        for part, each in made.items()
    }
    return RegionData(
        train=parts["train"],
        val=parts["val"],
        test=parts["test"],
        class_names=made["train"].class_names,
        name=name,
        version=f"{len(cutouts)} objects, {len(photographs)} backgrounds",
        digest=digest.hexdigest(),
    )


def _from_folder(config: RegionNetworkConfig, folder: Path) -> RegionData:
    """Returns images labelled by their folder; which part an image is in depends on its name alone."""
    folders = list_class_folders(folder)
    names = tuple(each.name for each in folders if _CLUTTER not in each.name)
    files = [(path, each.name) for each in folders for path in list_images(each, SUFFIXES)]
    if len(names) < 2 or not files:
        raise ValueError(f"{folder} must have two or more folders with images ({', '.join(SUFFIXES)})")
    files.sort(key=lambda file: _place(folder, file[0]))
    if config.num_train:
        files = files[: config.num_train * 100 // _SHARES[0]]
    digest, unreadable = hashlib.blake2b(digest_size=8), []
    kept: dict[str, list[tuple[Tensor, Tensor]]] = {part: [] for part in _PARTS}
    for path, kind in files:
        try:
            image = (read_photograph(path, size=config.image_size) * 255).round().byte()
        except (OSError, ValueError) as error:
            unreadable.append(f"{printable_name(path.relative_to(folder))}: {error}")
            continue
        label = torch.tensor([float(kind == name) for name in names])
        digest.update(os.fsencode(path.relative_to(folder)) + image.numpy().tobytes())
        kept[_part_of(folder, path)].append((image, label))
    empty = [part for part, members in kept.items() if not members]
    if empty:
        raise ValueError(f"{folder} must have images for every part, got none for {empty[0]}: add images")
    return RegionData(
        train=_part(kept["train"]),
        val=_part(kept["val"]),
        test=_part(kept["test"]),
        class_names=names,
        name=folder.name,
        version=f"{len(files)} images",
        digest=digest.hexdigest(),
        unreadable=tuple(unreadable),
    )


def _part(members: Sequence[tuple[Tensor, Tensor]]) -> LabelledPart:
    images, labels = zip(*members, strict=True)
    return LabelledPart(images=torch.stack(images), labels=torch.stack(labels))


def _place(folder: Path, path: Path) -> bytes:
    return hashlib.blake2b(os.fsencode(path.relative_to(folder)), digest_size=8).digest()


def _part_of(folder: Path, path: Path) -> str:
    percent = int.from_bytes(_place(folder, path)[::-1], "big") % 100
    return "train" if percent < _SHARES[0] else "val" if percent < _SHARES[1] else "test"
