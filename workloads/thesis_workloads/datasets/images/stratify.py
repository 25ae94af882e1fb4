"""Disjoint parts of a labelled set in which every class has its share.

Every image gets one 64-bit number from the bit generator itself: NumPy guarantees those to stay the same
over versions and machines, which it does not for `permutation` or `choice`.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def stratified_parts(
    labels: NDArray[np.int64], *, sizes: Sequence[int], seed: int
) -> tuple[NDArray[np.int64], ...]:
    """Returns the sorted indices of one part per size; no index is in two parts.

    An earlier part does not depend on the sizes of the later ones. Each part takes of every class what
    the class has among the images that earlier parts left, within one image.

    Raises:
        ValueError: a size is negative, or the sizes add up to more than there are labels.
    """
    if min(sizes) < 0 or sum(sizes) > len(labels):
        raise ValueError(f"sizes must be at least 0 and at most {len(labels)} together, got {sizes=}")
    order = np.argsort(np.random.PCG64(seed).random_raw(len(labels)), kind="stable")
    queues = [order[labels[order] == label] for label in np.unique(labels)]
    parts = []
    for size in sizes:
        counts = shares(np.array([len(queue) for queue in queues]), size)
        taken = [queue[:count] for queue, count in zip(queues, counts, strict=True)]
        queues = [queue[count:] for queue, count in zip(queues, counts, strict=True)]
        parts.append(np.sort(np.concatenate(taken)).astype(np.int64))
    return tuple(parts)


def shares(available: NDArray[np.int64], size: int) -> NDArray[np.int64]:
    """Returns the number of `size` that each class gives, in proportion to what it has (largest remainders).

    Of equal remainders the lower class comes first.
    """
    total = max(int(available.sum()), 1)
    whole, remainder = np.divmod(available * size, total)
    most_owed = np.argsort(-remainder, kind="stable")[: size - int(whole.sum())]
    whole[most_owed] += 1
    return whole
