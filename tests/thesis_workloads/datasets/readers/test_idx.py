import gzip
import hashlib
import struct

import numpy as np
import pytest

from thesis_workloads.datasets.errors import DatasetDamaged
from thesis_workloads.datasets.readers.idx import FASHION_MNIST_MD5, parse_idx, read_fashion_mnist

RNG = np.random.default_rng(0)
ARRAYS = {
    "train-images-idx3-ubyte": RNG.integers(0, 256, size=(6, 28, 28), dtype=np.uint8),
    "train-labels-idx1-ubyte": RNG.integers(0, 10, size=6, dtype=np.uint8),
    "t10k-images-idx3-ubyte": RNG.integers(0, 256, size=(3, 28, 28), dtype=np.uint8),
    "t10k-labels-idx1-ubyte": RNG.integers(0, 10, size=3, dtype=np.uint8),
}


def idx_bytes(array):
    return bytes((0, 0, 8, array.ndim)) + struct.pack(f">{array.ndim}I", *array.shape) + array.tobytes()


def write_set(folder, *, compress):
    """Writes the four files; returns their checksums, uncompressed."""
    checksums = {}
    for file, array in ARRAYS.items():
        content = idx_bytes(array)
        checksums[file] = hashlib.md5(content).hexdigest()
        path = folder / (f"{file}.gz" if compress else file)
        path.write_bytes(gzip.compress(content) if compress else content)
    return checksums


@pytest.mark.parametrize("compress", [True, False])
def test_the_four_files_are_read_back(tmp_path, compress):
    raw = read_fashion_mnist(tmp_path, checksums=write_set(tmp_path, compress=compress))
    assert np.array_equal(raw.train_images[:, 0], ARRAYS["train-images-idx3-ubyte"])
    assert np.array_equal(raw.test_images[:, 0], ARRAYS["t10k-images-idx3-ubyte"])
    assert np.array_equal(raw.train_labels, ARRAYS["train-labels-idx1-ubyte"])
    assert np.array_equal(raw.test_labels, ARRAYS["t10k-labels-idx1-ubyte"])


def test_the_version_is_the_same_however_the_files_are_compressed(tmp_path):
    folders = [tmp_path / "a", tmp_path / "b"]
    versions = set()
    for folder, compress in zip(folders, (True, False), strict=True):
        folder.mkdir()
        versions.add(read_fashion_mnist(folder, checksums=write_set(folder, compress=compress)).version)
    assert len(versions) == 1


def test_a_file_with_another_checksum_is_refused(tmp_path):
    checksums = write_set(tmp_path, compress=True) | {"t10k-labels-idx1-ubyte": "0" * 32}
    with pytest.raises(DatasetDamaged, match=r"t10k-labels-idx1-ubyte.gz must have md5 000"):
        read_fashion_mnist(tmp_path, checksums=checksums)


def test_another_set_in_the_same_format_is_refused_by_default(tmp_path):
    write_set(tmp_path, compress=True)
    with pytest.raises(DatasetDamaged, match=FASHION_MNIST_MD5["train-images-idx3-ubyte"]):
        read_fashion_mnist(tmp_path)


def test_a_download_that_was_cut_off_is_refused(tmp_path):
    checksums = write_set(tmp_path, compress=True)
    path = tmp_path / "train-images-idx3-ubyte.gz"
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(DatasetDamaged, match="whole gzip file"):
        read_fashion_mnist(tmp_path, checksums=checksums)


def test_sizes_are_big_endian():
    assert parse_idx(bytes((0, 0, 8, 1, 0, 0, 0, 2, 5, 6))).tolist() == [5, 6]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00\x00\x0d\x01\x00\x00\x00\x01\x00",
        b"\x00\x00\x08\x03\x00\x00",
        b"\x00\x00\x08\x01\x00\x00\x00\x02\x05",
    ],
    ids=["empty", "floats", "no sizes", "too short"],
)
def test_bytes_that_are_not_the_format_are_refused(content):
    with pytest.raises(ValueError, match="content must"):
        parse_idx(content)
