"""Fetching a set with torchvision's downloader, into the layout that the readers read."""

from pathlib import Path

from thesis_workloads.datasets.errors import DatasetMissing

TORCHVISION_CLASSES = {"fashion-mnist": "FashionMNIST", "cifar10": "CIFAR10", "cifar100": "CIFAR100"}


def download(name: str, data_dir: Path | None) -> None:
    """Downloads and unpacks the set under the data folder, which is made where it is absent.

    Raises:
        DatasetMissing: torchvision has no such set, there is no data folder, or the download failed.
    """
    if name not in TORCHVISION_CLASSES:
        raise DatasetMissing(f"dataset {name!r} cannot be downloaded: it comes with its package")
    if data_dir is None:
        raise DatasetMissing(f"dataset {name!r} cannot be downloaded: no data folder is given")
    import torchvision.datasets  # a second or more, needed by downloads alone

    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        getattr(torchvision.datasets, TORCHVISION_CLASSES[name])(data_dir, download=True)
    except (RuntimeError, OSError) as error:  # urllib's URLError is an OSError
        reason = " ".join(str(error).split())
        raise DatasetMissing(f"dataset {name!r} could not be downloaded to {data_dir}: {reason}") from error
