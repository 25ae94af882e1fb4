import subprocess
import sys
from pathlib import Path

import pytest

from thesis_workloads.datasets.catalog import IMAGE_SETS, image_set, locate, status
from thesis_workloads.datasets.errors import DatasetMissing


def test_the_digits_are_here_because_their_package_is():
    answer = status("digits", None)
    assert answer.is_here
    assert (answer.found / "digits.csv.gz").is_file()


def test_an_absent_set_names_the_folders_looked_in_and_what_to_do(tmp_path):
    with pytest.raises(DatasetMissing) as caught:
        locate("cifar10", tmp_path)
    message = str(caught.value)
    assert str(tmp_path / "cifar-10-batches-py") in message
    assert str(tmp_path / "cifar-10-python.tar.gz") in message
    assert "'cifar10'" in message
    assert "www.cs.toronto.edu" in message
    assert "\n" not in message


def test_without_a_data_folder_the_message_says_that_none_was_given():
    assert "none is given" in status("cifar100", None).explain()


def test_fashion_mnist_also_looks_where_debian_puts_it(tmp_path):
    assert Path("/usr/share/datasets/fashion-mnist") in status("fashion-mnist", tmp_path).looked_in
    assert "apt-get install dataset-fashion-mnist" in status("fashion-mnist", tmp_path).remedy


@pytest.mark.parametrize("folder", ["FashionMNIST/raw", "fashion-mnist", "."])
def test_fashion_mnist_is_found_plain_or_compressed(tmp_path, folder):
    (tmp_path / folder).mkdir(parents=True, exist_ok=True)
    for number, file in enumerate(IMAGE_SETS["fashion-mnist"].files):
        (tmp_path / folder / (file if number % 2 else f"{file}.gz")).touch()
    assert locate("fashion-mnist", tmp_path) == tmp_path / folder


def test_a_set_with_one_file_missing_is_not_here(tmp_path):
    folder = tmp_path / "cifar-10-batches-py"
    folder.mkdir()
    for file in IMAGE_SETS["cifar10"].files[1:]:
        (folder / file).touch()
    assert not status("cifar10", tmp_path).is_here


def test_the_archive_alone_is_enough(tmp_path):
    (tmp_path / "cifar-100-python.tar.gz").touch()
    assert locate("cifar100", tmp_path) == tmp_path / "cifar-100-python.tar.gz"


def test_an_unknown_name_is_answered_with_the_nearest_one():
    with pytest.raises(ValueError, match="did you mean 'fashion-mnist'"):
        image_set("fashion_mnist")


def test_a_name_near_to_none_is_answered_with_all_of_them():
    with pytest.raises(ValueError, match="digits, fashion-mnist, cifar10, cifar100"):
        image_set("zzz")


def test_asking_for_every_status_imports_neither_torch_nor_numpy():
    program = (
        "import sys; from thesis_workloads.datasets.catalog import IMAGE_SETS, status;"
        "[status(name, None) for name in IMAGE_SETS];"
        "print(sorted({'torch', 'numpy', 'sklearn', 'torchvision'} & sys.modules.keys()))"
    )
    source = Path(sys.modules["thesis_workloads.datasets.catalog"].__file__).parents[2]
    answer = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=source
    )
    assert answer.stdout.strip() == "[]"
