"""The bits that a JPEG's symbols take under optimal codes: minus the logarithm of how often each occurs."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from thesis_workloads.imaging.jpeg.mosaic import Coefficients
from thesis_workloads.imaging.jpeg.scan import symbol_counts

_SIXTEEN_ZEROS = 15 << 4
_LONGEST = 16.0  # bits of a code


@dataclass(frozen=True, kw_only=True)
class CodeLengths:
    """Bits, fractions of one allowed; a coefficient's own bits, written behind its code, are counted in."""

    further: NDArray[np.float32]  # (2, 64 * 16) by zeros before it << 4 | size; row 0 luma, row 1 chroma
    end: NDArray[np.float32]  # (2,) ends a block before its last coefficient


def code_lengths(parts: Sequence[Coefficients], scale: float) -> CodeLengths:
    """Returns the bits of the symbols of bands, quantised by the base tables times ``scale``.

    A symbol that does not occur is taken to occur half a time.
    """
    counts = sum((symbol_counts(part, scale) for part in parts), np.zeros((2, 256)))
    totals = counts.sum(1, keepdims=True).clip(min=1)
    bits = np.minimum(-np.log2(np.maximum(counts, 0.5) / np.maximum(totals, 1)), _LONGEST)
    zeros, sizes = np.arange(64)[:, None], np.arange(16)
    further = bits[:, (zeros % 16) << 4 | sizes] + sizes + (zeros // 16) * bits[:, _SIXTEEN_ZEROS, None, None]
    return CodeLengths(
        further=further.reshape(2, -1).astype(np.float32), end=bits[:, 0].clip(min=0).astype(np.float32)
    )
