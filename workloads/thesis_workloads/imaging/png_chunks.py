"""A PNG without its metadata: what is left to read where a text, a profile or an EXIF block is damaged.

PNG specification (ISO/IEC 15948), section 5: a signature, then chunks of length, type, data and CRC.
"""

SIGNATURE = b"\x89PNG\r\n\x1a\n"
_PIXELS = frozenset((b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND", b"acTL", b"fcTL", b"fdAT"))


def without_metadata(content: bytes) -> tuple[bytes, tuple[str, ...]]:
    """Returns a PNG's content with the chunks of its pixels alone, and the types that were dropped.

    A chunk that is cut off stays, so that the reader says so. What is no PNG comes back as it is.
    """
    if not content.startswith(SIGNATURE):
        return content, ()
    kept, dropped = bytearray(SIGNATURE), list[str]()
    at = len(SIGNATURE)
    while at < len(content):
        end = at + 12 + int.from_bytes(content[at : at + 4], "big")
        kind = content[at + 4 : at + 8]
        if kind in _PIXELS or end > len(content):
            kept += content[at:end]
        else:
            dropped.append(kind.decode("latin-1"))
        at = end
    return bytes(kept), tuple(dict.fromkeys(dropped))
