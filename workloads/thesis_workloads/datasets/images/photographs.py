"""Labelled photographs for a classifier: those that a package ships, or the user's own.

Every image is read the same way: upright by its EXIF tag, to RGB, scaled (bicubic, antialiased) until its
shorter side is the classifier's size over 0.875, and cut to a centred square. Values are k / 255.
"""

import hashlib
import importlib.util
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from thesis_workloads.datasets.csv_rows import ParseErrors, read_rows
from thesis_workloads.datasets.text_file import open_text
from thesis_workloads.imaging.image_file import (
    list_class_folders,
    list_images,
    printable_name,
    reading_problem,
)
from thesis_workloads.imaging.still_image import read_upright

SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".bmp")
_CENTRE_SHARE = 0.875  # of the shorter side that the square keeps, as the classifiers are usually tested
_NUM_IMAGENET = 1000
_MOST_SCALED = 2**26  # pixels that a picture may have once its shorter side is scaled; more takes gigabytes
UNLABELLED = -1  # nobody says what the image shows: the classifier's own clean answer counts as right


@dataclass(frozen=True, kw_only=True)
class Photograph:
    """Where an image is and what it shows."""

    id: str  # unique in its set and the same on every machine
    path: Path
    label: int  # ImageNet class, 0..999, or UNLABELLED


@dataclass(frozen=True, kw_only=True)
class LoadedPhotographs:
    """The images that could be read, and the names of those that could not."""

    ids: tuple[str, ...]
    images: Tensor  # (N, 3, size, size) float32 in [0, 1]
    labels: Tensor  # (N,) int64
    unreadable: Mapping[str, str]  # id -> what the reader said


def shipped_photographs() -> list[Photograph]:
    """Returns the 20 labelled ImageNet photographs in foolbox's package folder, without importing foolbox.

    Raises:
        FileNotFoundError: if the package isn't installed.
    """
    spec = importlib.util.find_spec("foolbox")
    if spec is None or spec.origin is None:
        raise FileNotFoundError("the shipped photographs need package foolbox (extra demo)")
    paths = sorted((Path(spec.origin).parent / "data").glob("imagenet_*_*.jpg"))
    return [Photograph(id=path.stem, path=path, label=int(path.stem.split("_")[2])) for path in paths]


def imagenet_folder(folder: Path, *, synsets: Path | None = None) -> list[Photograph]:
    """Returns the images of an ImageNet layout: one folder per class, named by label (0..999) or by wnid.

    Labels are the ranks of the sorted wnids: of the folders if all 1,000 are there, else of ``synsets``,
    a file with a wnid first on each line (the challenge's ``LOC_synset_mapping.txt``).

    Raises:
        ValueError: if a folder's class can't be found.
    """
    folders = list_class_folders(folder)
    labels = _labels_of_folders([path.name for path in folders], synsets)
    return [
        Photograph(id=printable_name(f"{path.parent.name}/{path.name}"), path=path, label=labels[each.name])
        for each in folders
        for path in list_images(each, SUFFIXES)
    ]


def listed_folder(folder: Path, *, labels: Path) -> list[Photograph]:
    """Returns the images of a flat folder that a CSV file with columns ``file`` and ``label`` (0..999) lists.

    A file that is listed but missing is left in: reading it reports it by name.

    Raises:
        ValueError: if a column is missing or a label is not a class.
    """
    if not labels.is_file():
        raise ValueError(
            f"--labels must be a CSV file with the columns file and label, there is none at {labels}"
        )
    problems = ParseErrors(str(labels))
    found: dict[str, Photograph] = {}
    for number, row in read_rows(labels, ("FILE", "LABEL"), problems):
        name = row["FILE"].strip()
        if not name or "\0" in name or name in found:
            raise ValueError(f"{labels} row {number} must name a file that no other row names, got {name!r}")
        try:
            found[name] = Photograph(id=name, path=folder / name, label=_class(row["LABEL"]))
        except ValueError as error:
            raise ValueError(f"{labels} row {number}: {error}") from error
    if problems.counts or not found:
        raise ValueError("; ".join(problems.lines()) or f"{labels} must have a row for each file, got none")
    return list(found.values())


def read_photograph(path: Path, *, size: int) -> Tensor:
    """Returns one image ``(3, size, size)`` float32 in [0, 1].

    Raises:
        OSError, ValueError: if it can't be read.
    """
    upright, _ = read_upright(path)
    shorter = round(size / _CENTRE_SHARE)
    scale = shorter / min(upright.size)
    width, height = (max(round(side * scale), shorter) for side in upright.size)
    if width * height > _MOST_SCALED:
        raise ValueError(f"a picture's sides must be less unequal, got {upright.size[0]} x {upright.size[1]}")
    scaled = upright.resize((width, height), Image.Resampling.BICUBIC)
    left, top = (width - size) // 2, (height - size) // 2
    square = np.array(scaled.crop((left, top, left + size, top + size)))
    return torch.from_numpy(square).permute(2, 0, 1).float() / 255


def load_photographs(photographs: Sequence[Photograph], *, size: int) -> LoadedPhotographs:
    """Reads all photographs; one that can't be read is named in ``unreadable`` and left out."""
    kept, images, unreadable = [], [], {}
    for each in photographs:
        try:
            images.append(read_photograph(each.path, size=size))
        except (OSError, ValueError) as error:
            unreadable[each.id] = reading_problem(error)
        else:
            kept.append(each)
    return LoadedPhotographs(
        ids=tuple(each.id for each in kept),
        images=torch.stack(images) if images else torch.zeros(0, 3, size, size),
        labels=torch.tensor([each.label for each in kept], dtype=torch.int64),
        unreadable=unreadable,
    )


def digest(photographs: Sequence[Photograph]) -> str:
    """Returns 16 hex digits over ids, labels and contents in order of id; a missing file counts as empty."""
    state = hashlib.blake2b(digest_size=8)
    for each in sorted(photographs, key=lambda photograph: photograph.id):
        content = each.path.read_bytes() if each.path.is_file() else b""
        state.update(f"{each.id}\0{each.label}\0{len(content)}\0".encode() + content)
    return state.hexdigest()


def _labels_of_folders(names: list[str], synsets: Path | None) -> dict[str, int]:
    if all(name.isdecimal() for name in names):
        return {name: _class(name) for name in names}
    if synsets is not None:
        with open_text(synsets) as lines:
            wnids = sorted(line.split()[0] for line in lines if line.strip())
    else:
        wnids = names
    if len(wnids) != _NUM_IMAGENET or not set(names) <= set(wnids):
        raise ValueError(
            "class folders must be named 0..999, or by all 1,000 wnids, or come with a file of all wnids, got"
            f" {len(names)} folders{f' such as {names[0]}' if names else ''}{f' and {synsets}' if synsets else ''}"
        )
    return {wnid: label for label, wnid in enumerate(wnids)}


def _class(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,9}", text.strip()) or int(text) >= _NUM_IMAGENET:
        raise ValueError(f"a label must be a whole number in 0..999, got {text!r:.40}")
    return int(text)
