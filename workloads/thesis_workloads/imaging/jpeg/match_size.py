"""A file of a wanted size: the scale of its tables is found by counting bits, and corrected by what was written.

Tables are whole numbers, so all scales between two at which an entry changes are one table. Where the search by
bits ends next to the wanted size, the range around it is halved, and then its tables are tried one by one.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from thesis_workloads.imaging.jpeg.size import scale_for_bits
from thesis_workloads.imaging.jpeg.tables import scales_of_changes

_BITS_TOLERANCE = 0.004
_MOST_WRITTEN = 6
_MOST_HALVED = 6  # times that the range between a file too large and one too small is halved
_REACH = 1.15  # of the nearest scale, to either side, in which tables are tried one by one
_MOST_TRIED = 160


@dataclass(frozen=True, kw_only=True)
class SizeLimits:
    """Bytes that a file may have, and that it should have."""

    least: float
    wanted: float
    most: float

    def holds(self, size: int) -> bool:
        """Whether a size is allowed."""
        return self.least <= size <= self.most


@dataclass(frozen=True, kw_only=True)
class MatchedFile:
    """The file nearest to the wanted size."""

    data: bytes
    scale: float
    num_written: int


def match_size(
    bits_at: Callable[[float], float],
    write: Callable[[float], bytes],
    limits: SizeLimits,
    *,
    guess: float,
    bits_per_byte: float,
    overhead: int,
    flatness: float = 0.0,
) -> MatchedFile:
    """Returns a file within limits, or the nearest that was met.

    Args:
        bits_at: bits at a scale, about proportional to the file's size; falls as the scale grows.
        write: the file at a scale.
        limits: in bytes.
        guess: a scale to begin from.
        bits_per_byte: those that are counted for each byte that is written, as first guess.
        overhead: bytes of the file that no scale changes.
        flatness: of the tables.
    """
    written, scale = dict[float, bytes](), guess
    aim = bits_per_byte * max(limits.wanted - overhead, 1)
    for _ in range(_MOST_WRITTEN):
        scale = scale_for_bits(bits_at, aim, guess=scale, tolerance=_BITS_TOLERANCE)
        if scale in written:
            break
        written[scale] = write(scale)
        if limits.holds(len(written[scale])):
            return MatchedFile(data=written[scale], scale=scale, num_written=len(written))
        points = [(bits_at(each), len(data)) for each, data in written.items()]
        aim = _bits_for(limits.wanted, points, overhead)
    for _ in range(_MOST_HALVED):
        larger = [each for each, data in written.items() if len(data) > limits.most]
        smaller = [each for each, data in written.items() if len(data) < limits.least]
        if not larger or not smaller or max(larger) > min(smaller):
            break
        scale = float(np.sqrt(max(larger) * min(smaller)))
        written[scale] = write(scale)
        if limits.holds(len(written[scale])):
            return MatchedFile(data=written[scale], scale=scale, num_written=len(written))
    best = _nearest(written, limits)
    slope = bits_at(best) / len(written[best])
    slack = 0.01 * limits.wanted
    for scale in _scales_near(best, flatness):
        estimate = len(written[best]) + (bits_at(scale) - bits_at(best)) / slope
        if not limits.least - slack <= estimate <= limits.most + slack:
            continue
        written[scale] = write(scale)
        if limits.holds(len(written[scale])):
            break
    best = _nearest(written, limits)
    return MatchedFile(data=written[best], scale=best, num_written=len(written))


def _bits_for(wanted: float, points: list[tuple[float, int]], overhead: int) -> float:
    """Returns the bits at which a file should have the size: on the line through the two nearest that are known."""
    (bits, size), *others = sorted(points, key=lambda point: abs(point[1] - wanted))[:2]
    slope = bits / max(size - overhead, 1)
    if others and others[0][1] != size:
        slope = min(max((bits - others[0][0]) / (size - others[0][1]), slope / 4), 4 * slope)
    return max(bits + slope * (wanted - size), bits / 4)


def _nearest(written: dict[float, bytes], limits: SizeLimits) -> float:
    return min(
        written,
        key=lambda scale: (not limits.holds(len(written[scale])), abs(len(written[scale]) - limits.wanted)),
    )


def _scales_near(scale: float, flatness: float) -> Iterator[float]:
    """Yields a scale of each table within reach, the nearest first; of more than can be tried, evenly many."""
    changes = scales_of_changes(scale / _REACH, scale * _REACH, flatness)
    middles = np.sqrt(changes[1:] * changes[:-1])
    if len(middles) > _MOST_TRIED:
        middles = middles[np.linspace(0, len(middles) - 1, _MOST_TRIED).astype(int)]
    yield from (float(each) for each in middles[np.argsort(np.abs(np.log(middles / scale)))])
