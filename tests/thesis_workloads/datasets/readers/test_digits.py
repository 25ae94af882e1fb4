import gzip

import numpy as np
import pytest

from thesis_workloads.datasets.catalog import locate
from thesis_workloads.datasets.errors import DatasetDamaged
from thesis_workloads.datasets.readers.digits import read_digits


def test_they_are_the_images_that_scikit_learn_loads():
    from sklearn.datasets import load_digits

    raw, theirs = read_digits(locate("digits", None)), load_digits()
    ours = np.concatenate([raw.train_images, raw.test_images]).reshape(-1, 64)
    rows = sorted(map(bytes, np.column_stack([ours, [*raw.train_labels, *raw.test_labels]]).astype(np.uint8)))
    assert rows == sorted(map(bytes, np.column_stack([theirs.data, theirs.target]).astype(np.uint8)))


def test_the_test_part_is_997_images_of_all_classes():
    counts = np.bincount(read_digits(locate("digits", None)).test_labels)
    assert counts.sum() == 997
    assert counts.min() >= 97


def test_a_table_of_another_shape_is_refused(tmp_path):
    (tmp_path / "digits.csv.gz").write_bytes(gzip.compress(b"1,2,3\n4,5,6\n"))
    with pytest.raises(DatasetDamaged, match=r"must hold a table of \(1797, 65\), got \(2, 3\)"):
        read_digits(tmp_path)
