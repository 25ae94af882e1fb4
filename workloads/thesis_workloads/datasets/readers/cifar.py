"""CIFAR-10 and CIFAR-100 as their authors publish them for Python, from the folder or from the archive.

Each file is a pickle, and loading a pickle runs whatever code it names. So a file is unpickled only after
its bytes had the checksum that torchvision publishes for it: until then it is read as bytes alone.
"""

import pickle
import tarfile
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from thesis_workloads.datasets.errors import DatasetDamaged
from thesis_workloads.datasets.readers.checksums import require_md5, version_of
from thesis_workloads.datasets.readers.raw import RawSet

IMAGE_SHAPE = (3, 32, 32)


@dataclass(frozen=True, kw_only=True)
class CifarLayout:
    """Names and checksums of the files of one of the two sets."""

    folder: str  # inside the archive
    train: dict[str, str]  # file name -> md5
    test: dict[str, str]
    labels_key: str


CIFAR10 = CifarLayout(
    folder="cifar-10-batches-py",
    train={
        "data_batch_1": "c99cafc152244af753f735de768cd75f",
        "data_batch_2": "d4bba439e000b95fd0a9bffe97cbabec",
        "data_batch_3": "54ebc095f3ab1f0389bbae665268c751",
        "data_batch_4": "634d18415352ddfa80567beed471001a",
        "data_batch_5": "482c414d41f54cd18b22e5b47cb7c3cb",
    },
    test={"test_batch": "40351d587109b95175f43aff81a1287e"},
    labels_key="labels",
)
CIFAR100 = CifarLayout(
    folder="cifar-100-python",
    train={"train": "16019d7e3df5f24257cddd939b257f8d"},
    test={"test": "f0ef6b0ae62326f3e7ffdfab6717acfc"},
    labels_key="fine_labels",
)


def read_cifar10(path: Path) -> RawSet:
    """Returns CIFAR-10 from its folder or archive; see `read_cifar`."""
    return read_cifar(path, layout=CIFAR10)


def read_cifar100(path: Path) -> RawSet:
    """Returns CIFAR-100 with its hundred fine classes, from its folder or archive; see `read_cifar`."""
    return read_cifar(path, layout=CIFAR100)


def read_cifar(path: Path, *, layout: CifarLayout) -> RawSet:
    """Returns the set, images (N, 3, 32, 32) in 0..255, from the unpacked folder or the tar.gz at `path`.

    Raises:
        DatasetDamaged: a file is missing from the archive, has another checksum or another content.
    """
    checksums = {**layout.train, **layout.test}
    contents = (
        _from_folder(path, checksums) if path.is_dir() else _from_archive(path, checksums, layout.folder)
    )
    for file, md5 in checksums.items():
        require_md5(contents[file], md5=md5, label=f"{file} of {path}")
    train_images, train_labels = _join([contents[file] for file in layout.train], key=layout.labels_key)
    test_images, test_labels = _join([contents[file] for file in layout.test], key=layout.labels_key)
    return RawSet(
        train_images=train_images,
        train_labels=train_labels,
        test_images=test_images,
        test_labels=test_labels,
        version=version_of(list(checksums.values())),
    )


def _from_folder(folder: Path, files: dict[str, str]) -> dict[str, bytes]:
    return {file: (folder / file).read_bytes() for file in files}


def _from_archive(path: Path, files: dict[str, str], folder: str) -> dict[str, bytes]:
    wanted = {f"{folder}/{file}": file for file in files}
    contents: dict[str, bytes] = {}
    try:
        with tarfile.open(path, "r:*") as archive:
            for member in archive:
                if member.name in wanted and (stream := archive.extractfile(member)) is not None:
                    contents[wanted[member.name]] = stream.read()
    except (tarfile.TarError, EOFError, zlib.error, OSError) as error:
        raise DatasetDamaged(f"{path} must be a whole tar.gz archive, got {error}") from error
    if absent := sorted(files.keys() - contents.keys()):
        raise DatasetDamaged(
            f"{path} must hold {folder}/{absent[0]}, got {len(contents)} of {len(files)} files"
        )
    return contents


def _join(verified: list[bytes], *, key: str) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    batches = [pickle.loads(content, encoding="latin1") for content in verified]
    images = np.concatenate([np.asarray(batch["data"], dtype=np.uint8) for batch in batches])
    labels = np.concatenate([np.asarray(batch[key], dtype=np.int64) for batch in batches])
    return images.reshape(-1, *IMAGE_SHAPE), labels
