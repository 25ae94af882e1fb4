"""From a name to a training, a held-out and a test part, standardised and with a digest.

The held-out part serves the oracle and the choice of hyperparameters (section 5.4 holds out 5,000 images of
CIFAR-10). It is drawn with a seed of its own, so that trials with different seeds compare on the same images.
"""

import hashlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from thesis_workloads.datasets.catalog import image_set, locate, status
from thesis_workloads.datasets.images.label_noise import check_label_noise, noisy_labels
from thesis_workloads.datasets.images.labelled_images import ImageSplits, LabelledImages
from thesis_workloads.datasets.images.stratify import stratified_parts
from thesis_workloads.datasets.readers.cifar import read_cifar10, read_cifar100
from thesis_workloads.datasets.readers.digits import read_digits
from thesis_workloads.datasets.readers.download import download as fetch
from thesis_workloads.datasets.readers.idx import read_fashion_mnist
from thesis_workloads.datasets.readers.image_folder import read_image_folder
from thesis_workloads.datasets.readers.raw import RawSet

READERS: dict[str, Callable[[Path], RawSet]] = {
    "digits": read_digits,
    "fashion-mnist": read_fashion_mnist,
    "cifar10": read_cifar10,
    "cifar100": read_cifar100,
}

Part = tuple[NDArray[np.uint8], NDArray[np.int64]]


def load_images(
    name: str,
    *,
    data_dir: Path | None,
    num_train: int,
    num_val: int,
    download: bool = False,
    split_seed: int = 0,
    num_loaders: int = 0,
    label_noise: float = 0.0,
    noise_seed: int = 0,
) -> ImageSplits:
    """Returns the three parts of a set; the test part is the official one (fixed for digits).

    The held-out part is the same for every `num_train`. Images are standardised with the mean and
    deviation, per channel, of the training part. `num_train=0` takes all that the held-out part leaves.
    Sets of files are decoded by ``num_loaders`` processes when they are used. ``label_noise`` is the share (0..1) of
    the training labels that are redrawn (`label_noise.noisy_labels`).

    Raises:
        DatasetMissing: the set is not here, and was not to be downloaded or could not be.
        DatasetDamaged: a file has another checksum or content than published.
        ValueError: no such set, or sizes or noise that do not fit it.
    """
    entry = image_set(name)
    check_label_noise(name, share=label_noise, num_classes=entry.num_classes)
    check_sizes(name, num_train=num_train, num_val=num_val)
    if entry.source == "folder":
        return read_image_folder(
            locate(name, data_dir),
            name=name,
            size=entry.image_shape[1],
            num_train=num_train,
            num_val=num_val,
            num_loaders=num_loaders,
            split_seed=split_seed,
            label_noise=label_noise,
            noise_seed=noise_seed,
        )
    if download and not status(name, data_dir).is_here:
        fetch(name, data_dir)
    raw = READERS[name](locate(name, data_dir))
    return split(
        raw,
        name=name,
        num_classes=entry.num_classes,
        num_train=num_train,
        num_val=num_val,
        split_seed=split_seed,
        label_noise=label_noise,
        noise_seed=noise_seed,
    )


def check_sizes(name: str, *, num_train: int, num_val: int) -> None:
    """Returns if the set has that many images; reads no file, so it can be asked before a run starts.

    Raises:
        ValueError: it has not; the message says what would fit.
    """
    entry = image_set(name)
    # How many classes and images a folder of your own has is seen when it is read.
    classes, pool = 1 if entry.source == "folder" else entry.num_classes, entry.num_train
    if not classes <= num_val <= pool - classes:
        raise ValueError(f"num_val must be in {classes}..{pool - classes} for {name}, got {num_val=}")
    if num_train != 0 and not classes <= num_train <= pool - num_val:
        raise ValueError(
            f"num_train must be in {classes}..{pool - num_val}, or 0 for all of these, since {name} has "
            f"{pool} images to train on and {num_val=} are held out, got {num_train=}"
        )


def split(
    raw: RawSet,
    *,
    name: str,
    num_classes: int,
    num_train: int,
    num_val: int,
    split_seed: int,
    label_noise: float = 0.0,
    noise_seed: int = 0,
) -> ImageSplits:
    """Returns the parts of a set that was read; see `load_images`."""
    size = num_train or len(raw.train_labels) - num_val
    val_at, train_at = stratified_parts(raw.train_labels, sizes=(num_val, size), seed=split_seed)
    labels = noisy_labels(
        raw.train_labels, train_at, num_classes=num_classes, share=label_noise, seed=noise_seed
    )
    train = (raw.train_images[train_at], labels)
    val = (raw.train_images[val_at], raw.train_labels[val_at])
    test = (raw.test_images, raw.test_labels)
    mean, deviation = channel_statistics(train[0])
    return ImageSplits(
        train=_standardised(train, mean, deviation),
        val=_standardised(val, mean, deviation),
        test=_standardised(test, mean, deviation),
        num_classes=num_classes,
        name=name,
        version=raw.version,
        digest=digest_of([train, val, test]),
    )


def channel_statistics(images: NDArray[np.uint8]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Returns mean and deviation of every channel of (N, C, H, W), from exact sums of integers."""
    num_pixels = images[:, 0].size
    sums = np.array([int(channel.sum(dtype=np.int64)) for channel in images.swapaxes(0, 1)])
    squares = np.array(
        [int(np.square(channel, dtype=np.uint16).sum(dtype=np.int64)) for channel in images.swapaxes(0, 1)]
    )
    mean = sums / num_pixels
    return mean, np.sqrt(squares / num_pixels - mean**2)


def digest_of(parts: list[Part]) -> str:
    """Returns 16 hex digits of the SHA-256 over shape, pixels and labels of every part."""
    total = hashlib.sha256()
    for images, labels in parts:
        total.update(repr(images.shape).encode())
        total.update(np.ascontiguousarray(images).tobytes())
        total.update(labels.astype("<i8").tobytes())
    return total.hexdigest()[:16]


def _standardised(part: Part, mean: NDArray[np.float64], deviation: NDArray[np.float64]) -> LabelledImages:
    images, labels = part
    centre = torch.from_numpy(mean.astype(np.float32))[:, None, None]
    scale = torch.from_numpy(np.where(deviation > 0, deviation, 1).astype(np.float32))[:, None, None]
    pixels = torch.from_numpy(images.astype(np.float32))
    return LabelledImages(images=pixels.sub_(centre).div_(scale), labels=torch.from_numpy(labels.copy()))
