import dataclasses
import hashlib
import io
import pickle
import tarfile

import numpy as np
import pytest

from thesis_workloads.datasets.errors import DatasetDamaged
from thesis_workloads.datasets.readers.cifar import CIFAR10, CIFAR100, read_cifar, read_cifar10

RNG = np.random.default_rng(0)


def python_2_pickle(data, labels, *, key):
    """Returns bytes as Python 2's cPickle wrote CIFAR: protocol 2, text as 8-bit strings."""

    def text(value):
        return b"U" + bytes((len(value),)) + value

    rows, columns = data.shape
    array = (
        b"cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85U\x01b\x87R(K\x01"
        + (b"M" + rows.to_bytes(2, "little") + b"M" + columns.to_bytes(2, "little") + b"\x86")
        + b"cnumpy\ndtype\nU\x02u1K\x00K\x01\x87R(K\x03U\x01|NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb\x89"
        + (b"T" + data.size.to_bytes(4, "little") + data.tobytes() + b"tb")
    )
    numbers = b"](" + b"".join(b"K" + bytes((int(label),)) for label in labels) + b"e"
    return b"\x80\x02}(" + text(b"data") + array + text(key.encode()) + numbers + b"u."


def make_layout(layout, *, num_images=4):
    """Returns the files of a tiny set in the true format, and the layout with their checksums."""
    contents, arrays = {}, {}
    for file in (*layout.train, *layout.test):
        data = RNG.integers(0, 256, size=(num_images, 3072), dtype=np.uint8)
        labels = RNG.integers(0, 10, size=num_images)
        contents[file] = python_2_pickle(data, labels, key=layout.labels_key)
        arrays[file] = (data.reshape(-1, 3, 32, 32), labels)
    md5 = {file: hashlib.md5(content).hexdigest() for file, content in contents.items()}
    own = dataclasses.replace(
        layout,
        train={file: md5[file] for file in layout.train},
        test={file: md5[file] for file in layout.test},
    )
    return contents, arrays, own


def write_folder(root, layout, contents):
    folder = root / layout.folder
    folder.mkdir()
    for file, content in contents.items():
        (folder / file).write_bytes(content)
    return folder


def write_archive(root, layout, contents):
    path = root / "set.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        for file, content in contents.items():
            member = tarfile.TarInfo(f"{layout.folder}/{file}")
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return path


@pytest.mark.parametrize("write", [write_folder, write_archive])
@pytest.mark.parametrize("layout", [CIFAR10, CIFAR100], ids=["cifar10", "cifar100"])
def test_the_batches_are_joined_in_their_order(tmp_path, layout, write):
    contents, arrays, own = make_layout(layout)
    raw = read_cifar(write(tmp_path, own, contents), layout=own)
    assert np.array_equal(raw.train_images, np.concatenate([arrays[file][0] for file in own.train]))
    assert np.array_equal(raw.train_labels, np.concatenate([arrays[file][1] for file in own.train]))
    assert np.array_equal(raw.test_images, np.concatenate([arrays[file][0] for file in own.test]))
    assert np.array_equal(raw.test_labels, np.concatenate([arrays[file][1] for file in own.test]))


def test_folder_and_archive_are_one_version(tmp_path):
    contents, _, own = make_layout(CIFAR10)
    paths = write_folder(tmp_path, own, contents), write_archive(tmp_path, own, contents)
    assert len({read_cifar(path, layout=own).version for path in paths}) == 1


class Trap:
    """A pickle that would write a file when it is loaded."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return open, (str(self.path), "w")


@pytest.mark.parametrize("write", [write_folder, write_archive])
def test_a_file_with_another_checksum_is_never_unpickled(tmp_path, write):
    contents, _, own = make_layout(CIFAR10)
    contents["test_batch"] = pickle.dumps(Trap(tmp_path / "sprung"))
    with pytest.raises(DatasetDamaged, match="test_batch"):
        read_cifar(write(tmp_path, own, contents), layout=own)
    assert not (tmp_path / "sprung").exists()


def test_the_published_checksums_are_the_default(tmp_path):
    contents, _, own = make_layout(CIFAR10)
    with pytest.raises(DatasetDamaged, match="c99cafc152244af753f735de768cd75f"):
        read_cifar10(write_folder(tmp_path, own, contents))


def test_the_published_checksums_are_torchvisions():
    from torchvision.datasets import CIFAR10 as PEER10
    from torchvision.datasets import CIFAR100 as PEER100

    for own, peer in ((CIFAR10, PEER10), (CIFAR100, PEER100)):
        assert [*own.train.items()] == [tuple(pair) for pair in peer.train_list]
        assert [*own.test.items()] == [tuple(pair) for pair in peer.test_list]


def test_an_archive_that_was_cut_off_is_refused(tmp_path):
    contents, _, own = make_layout(CIFAR10)
    path = write_archive(tmp_path, own, contents)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(DatasetDamaged, match=r"whole tar\.gz"):
        read_cifar(path, layout=own)


def test_an_archive_without_one_of_the_files_is_refused(tmp_path):
    contents, _, own = make_layout(CIFAR10)
    del contents["data_batch_3"]
    with pytest.raises(DatasetDamaged, match=r"must hold cifar-10-batches-py/data_batch_3, got 5 of 6"):
        read_cifar(write_archive(tmp_path, own, contents), layout=own)


@pytest.mark.parametrize("layout", [CIFAR10, CIFAR100], ids=["cifar10", "cifar100"])
def test_torchvision_reads_the_same_from_the_same_files(tmp_path, layout, monkeypatch):
    import torchvision.datasets

    contents, _, own = make_layout(layout)
    write_folder(tmp_path, own, contents)
    peer = torchvision.datasets.CIFAR10 if layout is CIFAR10 else torchvision.datasets.CIFAR100
    monkeypatch.setattr(peer, "train_list", [list(pair) for pair in own.train.items()])
    monkeypatch.setattr(peer, "test_list", [list(pair) for pair in own.test.items()])
    monkeypatch.setattr(peer, "_load_meta", lambda self: None)
    theirs = peer(tmp_path, train=True)
    ours = read_cifar(tmp_path / own.folder, layout=own)
    assert np.array_equal(theirs.data.transpose(0, 3, 1, 2), ours.train_images)
    assert theirs.targets == ours.train_labels.tolist()
