"""Fashion-MNIST in the IDX format: two zero bytes, the type, the number of axes, their sizes, the bytes.

Format: http://yann.lecun.com/exdb/mnist. The checksums are of the uncompressed files: distributions
compress them again, so the published checksums of the .gz files hold for torchvision's download alone.
"""

import gzip
import struct
import zlib
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from thesis_workloads.datasets.errors import DatasetDamaged
from thesis_workloads.datasets.readers.checksums import require_md5, version_of
from thesis_workloads.datasets.readers.raw import RawSet

UNSIGNED_BYTES = 0x08

FASHION_MNIST_MD5: dict[str, str] = {
    "train-images-idx3-ubyte": "f4a8712d7a061bf5bd6d2ca38dc4d50a",
    "train-labels-idx1-ubyte": "9018921c3c673c538a1fc5bad174d6f9",
    "t10k-images-idx3-ubyte": "8181f5470baa50b63fa0f6fddb340f0a",
    "t10k-labels-idx1-ubyte": "15d484375f8d13e6eb1aabb0c3f46965",
}


def read_fashion_mnist(folder: Path, *, checksums: Mapping[str, str] = FASHION_MNIST_MD5) -> RawSet:
    """Returns the set from four files, each plain or with .gz; images (N, 1, H, W) in 0..255.

    Raises:
        DatasetDamaged: a file has another checksum, or is not IDX.
    """
    train_images, train_labels, test_images, test_labels = (
        _read_verified(folder, file, md5=md5) for file, md5 in checksums.items()
    )
    return RawSet(
        train_images=train_images[:, None],
        train_labels=train_labels.astype(np.int64),
        test_images=test_images[:, None],
        test_labels=test_labels.astype(np.int64),
        version=version_of(list(checksums.values())),
    )


def parse_idx(content: bytes) -> NDArray[np.uint8]:
    """Returns the array that the bytes of an IDX file describe.

    Raises:
        ValueError: the bytes are not an IDX file of unsigned bytes, or not all of one.
    """
    if len(content) < 4 or content[:3] != bytes((0, 0, UNSIGNED_BYTES)):
        raise ValueError(f"content must start with the IDX mark of unsigned bytes, got {content[:4]!r}")
    num_axes = content[3]
    start = 4 + 4 * num_axes
    if len(content) < start:
        raise ValueError(f"content must hold the sizes of {num_axes} axes, got {len(content)} bytes")
    shape = struct.unpack(f">{num_axes}I", content[4:start])
    if len(content) - start != np.prod(shape, dtype=np.int64):
        raise ValueError(f"content must hold an array of {shape=}, got {len(content) - start} bytes")
    return np.frombuffer(content, dtype=np.uint8, offset=start).reshape(shape)


def _read_verified(folder: Path, file: str, *, md5: str) -> NDArray[np.uint8]:
    path = folder / file
    if path.is_file():
        content = path.read_bytes()
    else:
        path = folder / f"{file}.gz"
        content = _decompress(path)
    require_md5(content, md5=md5, label=str(path))
    return parse_idx(content)


def _decompress(path: Path) -> bytes:
    try:
        return gzip.decompress(path.read_bytes())
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise DatasetDamaged(f"{path} must be a whole gzip file, got {error}") from error
