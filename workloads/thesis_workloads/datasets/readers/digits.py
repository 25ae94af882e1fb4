"""The digits that scikit-learn ships: one line per image, 64 intensities in 0..16 and the class.

The file is read directly: importing scikit-learn takes longer than everything else here. The set has no
official test part, so a fixed one is taken out, the same for every run and every size of the other parts.
"""

import gzip
from importlib.metadata import version
from pathlib import Path

import numpy as np

from thesis_workloads.datasets.catalog import image_set
from thesis_workloads.datasets.errors import DatasetDamaged
from thesis_workloads.datasets.images.stratify import stratified_parts
from thesis_workloads.datasets.readers.raw import RawSet

TEST_SEED = 20_200_101  # only ever changed together with every published number


def read_digits(folder: Path) -> RawSet:
    """Returns 800 images to train and hold out from, and 997 test images, (N, 1, 8, 8) in 0..16.

    Raises:
        DatasetDamaged: the file has another shape.
    """
    entry = image_set("digits")
    path = folder / entry.files[0]
    with gzip.open(path, "rt", encoding="ascii") as lines:
        table = np.loadtxt(lines, delimiter=",", dtype=np.uint8)
    expected = (entry.num_train + entry.num_test, 65)
    if table.shape != expected:
        raise DatasetDamaged(f"{path} must hold a table of {expected}, got {table.shape}")
    images = table[:, :64].reshape(-1, *entry.image_shape)
    labels = table[:, 64].astype(np.int64)
    test, pool = stratified_parts(labels, sizes=(entry.num_test, entry.num_train), seed=TEST_SEED)
    return RawSet(
        train_images=images[pool],
        train_labels=labels[pool],
        test_images=images[test],
        test_labels=labels[test],
        version=f"scikit-learn {version('scikit-learn')}",
    )
