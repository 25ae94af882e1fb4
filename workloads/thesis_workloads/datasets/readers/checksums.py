"""Comparing what was read with the checksum that was published for it.

MD5 is what the sets' authors and torchvision publish. It is no proof against an author who makes two
files on purpose, but nobody can make a second file for a checksum that was published long before.
"""

import hashlib

from thesis_workloads.datasets.errors import DatasetDamaged


def require_md5(content: bytes, *, md5: str, label: str) -> None:
    """Returns if the content has that checksum.

    Raises:
        DatasetDamaged: it has not; the message begins with `label`.
    """
    found = hashlib.md5(content, usedforsecurity=False).hexdigest()
    if found != md5:
        raise DatasetDamaged(f"{label} must have md5 {md5}, got {found}: remove it and get the set again")


def version_of(checksums: list[str]) -> str:
    """Returns a short name for files with these checksums, in this order."""
    joined = hashlib.md5("".join(checksums).encode(), usedforsecurity=False).hexdigest()
    return f"md5:{joined[:12]}"
