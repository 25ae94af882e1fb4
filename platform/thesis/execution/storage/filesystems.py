"""Files on this machine, on a file system that machines share, or in an object store (``s3://bucket/prefix``).

Checkpoints and adversarial sets may lie in any of them. A run's own folder may not: its journal grows line by
line, which an object store does not offer. Credentials come from where the store's clients look for them
(AWS_ACCESS_KEY_ID, a role of the machine, ...) and the store's address from AWS_ENDPOINT_URL, unless it is Amazon's.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from pyarrow import fs

from thesis.errors import first_line
from thesis.files import write_atomic
from thesis_workloads.contract.errors import UserError

StorageLocation = str | Path


@dataclass(frozen=True)
class StoragePath:
    """A file or folder: a file system and a path in it."""

    filesystem: fs.FileSystem
    path: str

    @property
    def is_local(self) -> bool:
        """Whether it is reached as a file of this machine."""
        return isinstance(self.filesystem, fs.LocalFileSystem)


def is_remote(where: StorageLocation) -> bool:
    """Returns whether a name is that of an object store rather than of a folder."""
    return "://" in str(where)


def resolve_location(where: StorageLocation) -> StoragePath:
    """Returns the file system and path of a name; nothing is asked of a store yet.

    Raises:
        UserError: if the name holds a password, or names a kind of store that is not known.
    """
    if not is_remote(where):
        return StoragePath(fs.LocalFileSystem(), str(Path(where).resolve()))
    parts = urlsplit(str(where))
    if parts.username or parts.password:
        raise UserError(
            f"the address {parts.scheme}://***@{parts.hostname} holds a key, which would be kept with the run; set"
            " AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY on the machines instead"
        )
    if parts.query:
        raise UserError(
            f"{where} must be a bucket and a prefix; set AWS_ENDPOINT_URL for the store's address"
        )
    try:
        filesystem, path = fs.FileSystem.from_uri(str(where))
    except (ValueError, NotImplementedError, OSError) as error:
        raise UserError(f"{where} is no location that files can be kept in ({error})") from error
    return StoragePath(filesystem, path)


def join_location(where: StorageLocation, *names: str) -> str:
    """Returns the name of what lies below a folder."""
    return "/".join([str(where).rstrip("/"), *names])


def exists(where: StorageLocation) -> bool:
    """Returns whether there is a file or folder of that name."""
    place = resolve_location(where)
    return bool(place.filesystem.get_file_info(place.path).type != fs.FileType.NotFound)


def iter_files(where: StorageLocation) -> Iterator[fs.FileInfo]:
    """Yields the files below a folder, at any depth; none where there is no such folder."""
    place = resolve_location(where)
    selector = fs.FileSelector(place.path, allow_not_found=True, recursive=True)
    for info in place.filesystem.get_file_info(selector):
        if info.is_file:
            yield info


def write_file(where: StorageLocation, content: bytes) -> None:
    """Writes a file atomically and makes the folders above it."""
    place = resolve_location(where)
    if place.is_local:
        write_atomic(Path(place.path), content)
        return
    # An object appears once all of it has arrived.
    with place.filesystem.open_output_stream(place.path) as stream:
        stream.write(content)


def check_storage(where: StorageLocation) -> None:
    """Writes and removes a small file.

    Raises:
        UserError: if the store does not take it, with what the store says.
    """
    probe = join_location(where, ".thesis-probe")
    try:
        write_file(probe, b"probe")
        place = resolve_location(probe)
        place.filesystem.delete_file(place.path)
    except OSError as error:
        reason = first_line(error)
        raise UserError(
            f"nothing can be written to {where} ({reason}); check its name, AWS_ENDPOINT_URL and the machine's keys"
        ) from error
