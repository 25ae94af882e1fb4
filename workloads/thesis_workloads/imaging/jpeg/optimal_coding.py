"""The same pixels in fewer bytes: Huffman tables that fit the file, and progressive scans.

Done by the lossless optimiser of mozjpeg on the file's coefficients, which it leaves as they are.
"""

import mozjpeg_lossless_optimization

CODINGS = ("optimal", "baseline")


def code_optimally(data: bytes) -> bytes:
    """Returns a JPEG with the same coefficients, as small as the optimiser makes it, without EXIF or profile.

    A file that would not become smaller, of a few blocks, is returned as it is.

    Raises:
        ValueError: if it is no JPEG.
    """
    found = bytes(mozjpeg_lossless_optimization.optimize(data))
    return found if len(found) < len(data) else data


def recode(data: bytes, coding: str) -> bytes:
    """Returns a baseline JPEG in one of `CODINGS`.

    Raises:
        ValueError: if the coding is unknown.
    """
    if coding not in CODINGS:
        raise ValueError(f"coding must be one of {', '.join(CODINGS)}, got {coding=}")
    return code_optimally(data) if coding == "optimal" else data
