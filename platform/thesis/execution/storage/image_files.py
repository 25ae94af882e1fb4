"""Which image becomes which file, and what is printed of it."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from thesis_workloads.contract.errors import UserError
from thesis_workloads.imaging.image_file import list_images, printable_name


def planned_files(
    source: Path, target: Path, *, suffix: str, read: Sequence[str], written: Sequence[str]
) -> list[tuple[Path, Path]]:
    """Returns each image with the file to write: the one named, or one per image of a folder.

    Args:
        source: an image, or a folder of images.
        target: a file, or a folder.
        suffix: of the files in a folder.
        read: suffixes of a folder's images.
        written: suffixes that a single output may have.

    Raises:
        UserError: if there is nothing to read, a source would be overwritten, or a folder is to be written
            into a file.
    """
    if not source.exists():
        raise UserError(f"there is no image or folder {source}")
    if source.is_file():
        into = target / f"{source.stem}{suffix}" if target.is_dir() else target
        if into.suffix.lower() not in written:
            raise UserError(f"the output must end in {', '.join(written)} or be a folder, got {target}")
        return _none_overwritten([(source, into)])
    if target.is_file():
        raise UserError(f"{source} is a folder, so the output must be one too, got the file {target}")
    found = list_images(source, read)
    found = [path for path in found if target == source or not path.is_relative_to(target)]
    if not found:
        raise UserError(f"there is no image ({', '.join(read)}) in {source}")
    names = _distinct_names([path.relative_to(source) for path in found])
    planned = [(path, target / f"{name}{suffix}") for path, name in zip(found, names, strict=True)]
    return _none_overwritten(planned)


def _distinct_names(paths: Sequence[Path]) -> list[Path]:
    """Returns each path without its suffix; with it where two outputs would have one name."""
    names = [path.with_suffix("") for path in paths]
    while True:
        outputs = Counter(names)
        kept = [at for at, name in enumerate(names) if outputs[name] > 1 and name != paths[at]]
        if not kept:
            return names
        for at in kept:
            names[at] = paths[at]


def file_lines(source: Path, error: str | None, notes: Sequence[str]) -> list[str]:
    """Returns what to print of a file: why it was skipped, or what was changed to read it."""
    name = printable_name(source)
    return [*([f"skipped: {name}: {error}"] if error is not None else []),
            *(f"note: {name}: {note}" for note in notes)]  # fmt: skip


def _none_overwritten(planned: list[tuple[Path, Path]]) -> list[tuple[Path, Path]]:
    sources = {source.resolve() for source, _ in planned}
    for source, target in planned:
        if target.resolve() in sources:
            raise UserError(f"{target} is also a source; name another output for {source}")
    return planned
