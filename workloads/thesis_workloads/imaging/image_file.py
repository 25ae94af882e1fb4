"""The one place where images are opened, listed and named: whatever a file is like, one kind of error comes of it.

Pillow takes the first frame of an animation, clips 16-bit levels and shows colours that alpha hides, without a
word. Here an image is converted as `still_image` says, with a note of each change, or refused.
"""

import io
import os
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from PIL import Image, UnidentifiedImageError

from thesis_workloads.imaging.image_metadata import BROKEN
from thesis_workloads.imaging.png_chunks import without_metadata

Result = TypeVar("Result")


class UnreadableImage(ValueError):  # noqa: N818 - it reads as what happened, not as a class of errors
    """Says in one line why a file gives no image; the caller names the file."""


def list_images(folder: Path, suffixes: Sequence[str], *, is_deep: bool = True) -> list[Path]:
    """Returns the files of a folder (and of those in it) with one of the suffixes, sorted.

    Folders that are named like an image and everything hidden (``.ipynb_checkpoints``, ``._a.jpg``) are left out.
    """
    found = folder.rglob("*") if is_deep else folder.iterdir()
    return sorted(
        path
        for path in found
        if path.suffix.lower() in suffixes and not _is_hidden(path, folder) and path.is_file()
    )


def list_class_folders(folder: Path) -> list[Path]:
    """Returns the folders in a folder, sorted by name; hidden ones (``.ipynb_checkpoints``) are no classes."""
    return sorted(path for path in folder.iterdir() if not path.name.startswith(".") and path.is_dir())


def printable_name(path: Path | str) -> str:
    """Returns a path as text that every encoding of Unicode takes; bytes that are not UTF-8 as ``\\xNN``."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def reading_problem(error: BaseException) -> str:
    """Returns why an image could not be read or written, in one line and without the library's names."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    return _one_line(error)


def decode_image(path: Path, convert: Callable[[Image.Image], Result]) -> tuple[Result, tuple[str, ...]]:
    """Returns the result of ``convert`` for an opened image, and notes.

    Where a PNG's metadata can't be read, its pixels are read without.

    Raises:
        OSError: if the file can't be opened.
        UnreadableImage: if it gives no image.
    """
    if path.stat().st_size == 0:
        raise UnreadableImage("the file is empty")
    try:
        with readable():
            return _converted(path, convert), ()
    except UnreadableImage as error:
        with path.open("rb") as file:
            content, dropped = without_metadata(file.read())
        if not dropped:
            raise
        try:
            with readable():
                result = _converted(io.BytesIO(content), convert)
        except UnreadableImage:
            raise error from None  # the pixels are at fault, not the metadata
        return result, (f"unreadable metadata was dropped ({', '.join(dropped)}: {error})",)


@contextmanager
def readable() -> Iterator[None]:
    """Turns whatever Pillow raises for a file's content into one line.

    Raises:
        UnreadableImage: in place of it.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of odd metadata; what matters becomes a note
            yield
    except (UnreadableImage, FileNotFoundError, PermissionError, IsADirectoryError):
        raise
    except (*BROKEN, Image.DecompressionBombError) as error:
        raise UnreadableImage(_one_line(error)) from error


def _is_hidden(path: Path, folder: Path) -> bool:
    return any(part.startswith(".") for part in path.relative_to(folder).parts)


def _converted(source: Path | io.BytesIO, convert: Callable[[Image.Image], Result]) -> Result:
    with Image.open(source) as file:
        file.load()
        return convert(file)


def _one_line(error: BaseException) -> str:
    text = " ".join(str(error).split())
    # Pillow puts the Python value that it was given in place of a name.
    if isinstance(error, UnidentifiedImageError):
        return "cannot identify image file: no format that can be read"
    if isinstance(error, Image.DecompressionBombError | MemoryError):
        return f"too large to read ({text})" if text else "too large to read"
    return (
        text
        if text and not isinstance(error, LookupError)
        else f"damaged ({type(error).__name__} {text})".strip()
    )
