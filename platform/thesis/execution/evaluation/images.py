"""The labelled photographs of an evaluation, wherever they lie, and the fixed chunks they are computed in."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from thesis_workloads.contract.errors import UserError
from thesis_workloads.contract.evaluation_plan import EvaluationPlan
from thesis_workloads.datasets.images.photograph_parts import photographs_of_part
from thesis_workloads.datasets.images.photographs import (
    UNLABELLED,
    Photograph,
    digest,
    imagenet_folder,
    listed_folder,
    shipped_photographs,
)
from thesis_workloads.datasets.images.unlabelled_photographs import (
    debian_photographs,
    folder_photographs,
    unlabelled_squares,
)

SHIPPED = ("shipped", "photographs")
DEBIAN = "debian"  # desktop photographs of Debian's packages, without labels
AGREEMENT = "agreement"  # in the place of labels: the network's own clean answer counts as right
_SYNSETS = "LOC_synset_mapping.txt"


@dataclass(frozen=True, kw_only=True)
class ImageSet:
    """The photographs that an evaluation is about, in order of id."""

    photographs: tuple[Photograph, ...]
    name: str
    digest: str


@dataclass(frozen=True, kw_only=True)
class Chunk:
    """Photographs that are always computed together: their numbers then never depend on a batch size."""

    number: int
    photographs: tuple[Photograph, ...]
    digest: str  # over ids, labels and contents

    def to_row(self, attack: str) -> dict[str, str | int]:
        """Returns the row of the pipeline that asks for an attack on this chunk."""
        members = [[each.id, str(each.path), each.label] for each in self.photographs]
        row = {"number": self.number, "photographs": members, "digest": self.digest}
        return {"attack": attack, "number": self.number, "chunk": json.dumps(row)}


def chunk_of_json(text: str) -> Chunk:
    """Returns the chunk that `Chunk.to_row` wrote."""
    row = json.loads(text)
    members = tuple(Photograph(id=i, path=Path(path), label=label) for i, path, label in row["photographs"])
    return Chunk(number=row["number"], photographs=members, digest=row["digest"])


def chunks_of(images: ImageSet, *, size: int) -> list[Chunk]:
    """Returns the photographs in chunks of ``size``, in order of id; the last may be smaller."""
    groups = [images.photographs[first : first + size] for first in range(0, len(images.photographs), size)]
    return [
        Chunk(number=number, photographs=group, digest=digest(group)) for number, group in enumerate(groups)
    ]


def images_of_plan(plan: EvaluationPlan, *, cache: Path) -> ImageSet:
    """Returns the photographs that a plan is about.

    Raises:
        UserError: if there are none, or a label or class cannot be told.
    """
    return find_images(
        plan.images, labels=plan.labels, part=plan.part, max_images=plan.max_images, cache=cache
    )


def find_images(images: str, *, labels: str, part: str, max_images: int, cache: Path) -> ImageSet:
    """Returns a part of the shipped photographs, an ImageNet layout, a folder with a CSV, or a Parquet file.

    Args:
        images: ``shipped``, ``debian`` or a path.
        labels: CSV with the columns ``file`` and ``label`` for a flat folder; ``agreement`` for a folder without.
        part: ``all``, ``val`` or ``test``; the two share no image.
        max_images: the first so many in a fixed random order, so as many classes as may be; 0 takes all.
        cache: folder to unpack a Parquet file's images into.

    Raises:
        UserError: if there are none, or a label or class cannot be told.
    """
    try:
        found = photographs_of_part(_listed(images, labels, cache), part)
    except (ValueError, OSError) as error:
        raise UserError(f"{images}: {error}") from error
    if not found:
        raise UserError(f"{images} has no images in its part {part!r}; use --images or --part all")
    if max_images:
        found = sorted(sorted(found, key=_shuffled)[:max_images], key=lambda each: each.id)
    name = _name(images, part)
    if any(each.label == UNLABELLED for each in found):
        name = f"{name}, {AGREEMENT}"
    return ImageSet(photographs=tuple(found), name=name, digest=digest(found))


def _listed(images: str, labels: str, cache: Path) -> Sequence[Photograph]:
    if images == DEBIAN:
        return unlabelled_squares(debian_photographs(), root=Path("/usr/share"), cache=cache / "squares")
    if images in SHIPPED:
        if labels == AGREEMENT:
            raise ValueError(
                "these photographs have labels; use --labels agreement with a folder of your own"
            )
        return shipped_photographs()
    path = Path(images).resolve()
    if not path.exists():
        raise ValueError("there is no such folder or file; use --images shipped, a folder or a Parquet file")
    if labels == AGREEMENT:
        return unlabelled_squares(folder_photographs(path), root=path, cache=cache / "squares")
    if path.is_file():
        return _unpacked(path, cache)
    if labels:
        return listed_folder(path, labels=Path(labels))
    synsets = path.parent / _SYNSETS
    return imagenet_folder(path, synsets=synsets if synsets.is_file() else None)


def _unpacked(path: Path, cache: Path) -> list[Photograph]:
    """Returns the images of a Parquet file (``image`` in bytes, ``label``, perhaps ``id``), kept as files."""
    try:
        table = pq.ParquetFile(path)
        names = set(table.schema_arrow.names)
    except pa.ArrowInvalid as error:
        raise ValueError(f"not a readable Parquet file ({error})") from error
    if not {"image", "label"} <= names:
        raise ValueError(f"a Parquet file must have the columns image and label, got {sorted(names)}")
    key = hashlib.blake2b(f"{path}{path.stat().st_mtime_ns}".encode(), digest_size=8).hexdigest()
    folder = cache / "unpacked" / f"{path.stem}-{key}"
    folder.mkdir(parents=True, exist_ok=True)
    found: list[Photograph] = []
    for batch in table.iter_batches(batch_size=64):
        for row in batch.to_pylist():
            content = row["image"]["bytes"] if isinstance(row["image"], dict) else row["image"]
            name = str(row.get("id") or f"{path.stem}/{len(found):06d}")
            file = folder / f"{len(found):06d}"
            if not file.exists():
                file.write_bytes(content or b"")
            if not 0 <= int(row["label"]) < 1000:
                raise ValueError(f"a label must be a whole number in 0..999, got {row['label']} for {name}")
            found.append(Photograph(id=name, path=file, label=int(row["label"])))
    return found


def _shuffled(photograph: Photograph) -> bytes:
    return hashlib.blake2b(f"order {photograph.id}".encode()).digest()


def _name(images: str, part: str) -> str:
    base = "shipped photographs" if images in SHIPPED else Path(images).name
    return base if part == "all" else f"{base}, part {part}"
