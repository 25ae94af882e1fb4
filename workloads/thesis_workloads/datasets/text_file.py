"""The one place where published tables, texts and JSON are opened, whatever a browser or Excel made of them.

Gzip is recognised by the content, not by the name: a browser may have unpacked a ``.gz`` that it saved. A byte order
mark chooses the encoding. A damaged file is named; what it says never reaches a message.
"""

import gzip
import io
import json
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, TextIO, cast

from thesis_workloads.datasets.errors import DatasetDamaged

UTF8_MARK = b"\xef\xbb\xbf"
_GZIP_MARK = b"\x1f\x8b"
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")


@contextmanager
def open_bytes(path: Path) -> Iterator[BinaryIO]:
    """Opens a file that may be gzipped.

    Raises:
        DatasetDamaged: when what is read of it is cut off or damaged.
    """
    with path.open("rb") as raw:
        is_gzipped = raw.peek(2)[:2] == _GZIP_MARK
        file = gzip.GzipFile(fileobj=raw) if is_gzipped else raw
        try:
            yield cast("BinaryIO", file)
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise DatasetDamaged(
                f"{path} must be a whole gzip file, got one that is cut off or damaged ({error}): fetch it again"
            ) from error


@contextmanager
def open_text(path: Path, *, newline: str = "") -> Iterator[TextIO]:
    """Opens a text that may be gzipped: UTF-8, or UTF-16 where its mark says so.

    Bytes that are none become a replacement character: they spoil one word, not the file.

    Raises:
        DatasetDamaged: as `open_bytes`.
    """
    with open_bytes(path) as file:
        start = cast("io.BufferedReader", file).peek(2)[:2]
        encoding = "utf-16" if start in _UTF16_MARKS else "utf-8-sig"
        with io.TextIOWrapper(file, encoding=encoding, errors="replace", newline=newline) as text:
            yield text


def read_json(path: Path) -> Any:
    """Returns the content of a JSON file that may be gzipped.

    Raises:
        DatasetDamaged: if it is no JSON.
    """
    with open_text(path) as file:
        text = file.read()
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise DatasetDamaged(f"{path} must be JSON, got {error}: fetch it again") from error
    except (RecursionError, ValueError) as error:
        raise DatasetDamaged(
            f"{path} must be JSON, got one that is nested too deeply or has endless digits"
        ) from error
