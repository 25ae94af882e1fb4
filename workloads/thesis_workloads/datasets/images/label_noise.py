"""Training labels of which a share is redrawn uniformly over the classes: a set on which training can memorise.

Neither the held-out nor the test part is ever touched. Which labels are redrawn, and as what, depends on the seed and
on an image's place among those that the parts are taken from: not on workers, batches or the order of training. A
redrawn label may be the old one, so of ten classes a share of 30 % leaves 27 % wrong on average.
"""

import numpy as np
from numpy.typing import NDArray


def noisy_labels(
    labels: NDArray[np.int64], chosen: NDArray[np.int64], *, num_classes: int, share: float, seed: int
) -> NDArray[np.int64]:
    """Returns the labels (N,) of the chosen images, round(share * N) of them redrawn.

    ``labels`` (M,) are those of all images that a part can be taken from, ``chosen`` (N,) the indices of the training
    part. A label that is redrawn at one share is redrawn, as the same class, at every larger one.
    """
    # As in `stratify`: NumPy guarantees these numbers for every version and machine. Another stream than the split's.
    bits = np.random.PCG64([seed, 1]).random_raw(2 * len(labels)).reshape(2, -1)
    turns, classes = bits[0][chosen], (bits[1][chosen] % np.uint64(num_classes)).astype(np.int64)
    redrawn = np.argsort(turns, kind="stable")[: int(share * len(chosen) + 0.5)]
    noisy = labels[chosen].copy()
    noisy[redrawn] = classes[redrawn]
    return noisy


def check_label_noise(name: str, *, share: float, num_classes: int) -> None:
    """Checks that a share of a set's labels can be redrawn.

    Raises:
        ValueError: if it is outside 0..1, or the set has no classes to draw from.
    """
    if not 0 <= share <= 1:
        raise ValueError(f"label_noise must be within 0..1, got label_noise={share}")
    if share > 0 and num_classes < 2:
        raise ValueError(
            f"label_noise must be 0 for {name}, which has {num_classes} classes to draw from, got label_noise={share}"
        )
