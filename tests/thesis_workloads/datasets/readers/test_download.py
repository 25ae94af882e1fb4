import gzip
import hashlib
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest
import torchvision.datasets

from thesis_workloads.datasets.catalog import locate
from thesis_workloads.datasets.errors import DatasetMissing
from thesis_workloads.datasets.readers.download import TORCHVISION_CLASSES, download


class QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture
def mirror(tmp_path):
    """A web server on loopback; gives its folder and its address."""
    folder = tmp_path / "mirror"
    folder.mkdir()
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(QuietHandler, directory=folder))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield folder, f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    thread.join()
    server.server_close()


def offer(monkeypatch, mirror, *, damaged=False):
    """Lets torchvision's downloader find four small files at the mirror."""
    folder, address = mirror
    resources = []
    for name, _ in torchvision.datasets.FashionMNIST.resources:
        content = gzip.compress(name.encode())
        (folder / name).write_bytes(b"cut" if damaged else content)
        resources.append((name, hashlib.md5(content).hexdigest()))
    monkeypatch.setattr(torchvision.datasets.FashionMNIST, "mirrors", [address])
    monkeypatch.setattr(torchvision.datasets.FashionMNIST, "resources", resources)
    # what the four files say is not IDX: reading them is another test's matter
    monkeypatch.setattr(torchvision.datasets.FashionMNIST, "_load_data", lambda self: (None, None))


def test_what_is_downloaded_lies_where_the_reader_looks(tmp_path, monkeypatch, mirror):
    offer(monkeypatch, mirror)
    data_dir = tmp_path / "not" / "yet" / "made"
    download("fashion-mnist", data_dir)
    assert locate("fashion-mnist", data_dir) == data_dir / "FashionMNIST" / "raw"


def test_a_damaged_download_is_one_line_that_names_the_set(tmp_path, monkeypatch, mirror):
    offer(monkeypatch, mirror, damaged=True)
    with pytest.raises(DatasetMissing, match="'fashion-mnist' could not be downloaded") as caught:
        download("fashion-mnist", tmp_path / "data")
    assert "\n" not in str(caught.value)


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(DatasetMissing, match=str(tmp_path / "file")):
        download("cifar10", tmp_path / "file")


def test_a_set_that_comes_with_a_package_is_not_downloaded(tmp_path):
    with pytest.raises(DatasetMissing, match="comes with its package"):
        download("digits", tmp_path)


def test_without_a_data_folder_nothing_is_downloaded():
    with pytest.raises(DatasetMissing, match="no data folder"):
        download("cifar10", None)


def test_torchvision_has_every_class_that_the_table_names():
    assert all(hasattr(torchvision.datasets, name) for name in TORCHVISION_CLASSES.values())
