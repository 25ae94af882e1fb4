"""ImageNet as it is unpacked: ``train/<class>/*`` and ``val/<class>/*``; so is any set of your own."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from thesis_workloads.datasets.errors import DatasetDamaged
from thesis_workloads.datasets.images.label_noise import check_label_noise, noisy_labels
from thesis_workloads.datasets.images.labelled_images import ImageSplits, LabelledImages
from thesis_workloads.datasets.images.stratify import stratified_parts
from thesis_workloads.datasets.images.streamed_images import StreamedImages
from thesis_workloads.imaging.image_file import list_class_folders, list_images, printable_name

SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".bmp")
PARTS = ("train", "val")


def read_image_folder(
    folder: Path,
    *,
    name: str,
    size: int,
    num_train: int,
    num_val: int,
    num_loaders: int,
    split_seed: int,
    label_noise: float = 0.0,
    noise_seed: int = 0,
) -> ImageSplits:
    """Returns the parts of a set of files; ``val`` is the test part, held-out images come from ``train``.

    Classes are the sorted names of the folders.

    Raises:
        DatasetDamaged: if the two parts have other classes, or one has no image.
        ValueError: if more images are asked for than there are, or noise of labels without classes.
    """
    classes = _classes(folder / "train")
    check_label_noise(str(folder), share=label_noise, num_classes=len(classes))
    if classes != _classes(folder / "val"):
        raise DatasetDamaged(f"{folder}/train and {folder}/val must hold the same class folders")
    files, labels = _listed(folder / "train", classes)
    test_files, test_labels = _listed(folder / "val", classes)
    count = num_train or len(files) - num_val
    if not 0 < count <= len(files) - num_val:
        raise ValueError(
            f"num_train and num_val must share the {len(files)} images of {folder}/train, got {num_train=} and "
            f"{num_val=}"
        )
    val_at, train_at = stratified_parts(labels, sizes=(num_val, count), seed=split_seed)
    noisy = noisy_labels(labels, train_at, num_classes=len(classes), share=label_noise, seed=noise_seed)
    of_noise = noisy.tolist() if label_noise else ""
    listing = "\n".join(printable_name(path.relative_to(folder)) for path in [*files, *test_files])

    def part(paths: Sequence[Path], of: np.ndarray) -> LabelledImages:
        images = StreamedImages(paths, size=size, num_loaders=num_loaders)
        return LabelledImages(images=images, labels=torch.from_numpy(of))

    return ImageSplits(
        train=part([files[index] for index in train_at], noisy),
        val=part([files[index] for index in val_at], labels[val_at]),
        test=part(test_files, test_labels),
        num_classes=len(classes),
        name=name,
        version=f"{len(classes)} classes",
        digest=hashlib.sha256(
            f"{listing}\n{val_at.tolist()}\n{train_at.tolist()}{of_noise}".encode()
        ).hexdigest()[:16],
    )


def _classes(folder: Path) -> list[str]:
    return [path.name for path in list_class_folders(folder)]


def _listed(folder: Path, classes: Sequence[str]) -> tuple[list[Path], np.ndarray]:
    files, labels = [], []
    for label, name in enumerate(classes):
        found = list_images(folder / name, SUFFIXES, is_deep=False)
        files += found
        labels += [label] * len(found)
    if not files:
        raise DatasetDamaged(f"{folder} must hold a folder of images for each class, found no image")
    return files, np.array(labels, dtype=np.int64)
