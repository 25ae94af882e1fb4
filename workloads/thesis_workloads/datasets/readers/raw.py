"""What every reader returns."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, kw_only=True)
class RawSet:
    """A set as its files have it, before anything is held out or standardised."""

    train_images: NDArray[np.uint8]  # (N, C, H, W)
    train_labels: NDArray[np.int64]  # (N,)
    test_images: NDArray[np.uint8]  # (M, C, H, W)
    test_labels: NDArray[np.int64]  # (M,)
    version: str  # of the package, or of the files by their checksums
