"""Features of images on disk: Parquet files with a row per image, and one flat table that training maps.

A store belongs to one backbone, image size and set of images. What is there is never computed again: a later,
larger run adds the images that are missing. A row also keeps the size of the image's file, so that an image
that was replaced, or was missing before, is computed again.
"""

import json
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.dataset
import pyarrow.parquet as pq
import torch

from thesis.execution.storage.cache import cache_root as adversarial_root
from thesis.files import atomic_path, write_atomic
from thesis_workloads.contract.digest import digest
from thesis_workloads.datasets.vqa.image_references import SCENE
from thesis_workloads.systems.highway_vqa.features import Floats, ImageFeatures

_FORMAT = 1  # of the files; another number never reads these
ROWS = pa.schema(
    [
        ("id", pa.string()),
        ("num_bytes", pa.int64()),  # of the image's file; -1 where there is none
        ("problem", pa.string()),  # empty where there is a vector
        ("vector", pa.list_(pa.float32())),
    ]
)
NO_FILE = -1


@dataclass(frozen=True, kw_only=True)
class FeatureStore:
    """A folder of features."""

    folder: Path
    source: str  # what makes them

    @property
    def parts(self) -> Path:
        """The folder of the Parquet files."""
        return self.folder / "parts"


def open_store(data_dir: Path | None, *, identity: str, image_size: int, name: str) -> FeatureStore:
    """Returns the store of a backbone for a set of images, made where there is none."""
    made_by = {"format": _FORMAT, "backbone": identity, "image_size": image_size, "images": name}
    root = adversarial_root(data_dir).with_name("image-features")
    store = FeatureStore(folder=root / digest(made_by, 24), source=f"{identity}, {image_size} px")
    store.parts.mkdir(parents=True, exist_ok=True)
    write_atomic(store.folder / "made-by.json", json.dumps(made_by, indent=1) + "\n")
    return store


def file_sizes(images: Mapping[str, str]) -> dict[str, int]:
    """Returns the size in bytes of each image's file, -1 where there is none, 0 for a generated one."""
    return {
        name: 0 if reference.startswith(SCENE) else _size(Path(reference))
        for name, reference in images.items()
    }


def missing(store: FeatureStore, sizes: Mapping[str, int]) -> list[str]:
    """Returns the images that the store has no row of, or one of another file."""
    there = set(zip(*_columns(store, ["id", "num_bytes"]), strict=True))
    return [name for name, size in sizes.items() if (name, size) not in there]


def add_rows(
    store: FeatureStore, names: Iterable[str], sizes: Mapping[str, int], vectors: Floats, problems: list[str]
) -> None:
    """Writes rows as one more Parquet file, atomically."""
    write_part(store, table_of(list(names), sizes, vectors, problems))


def table_of(names: list[str], sizes: Mapping[str, int], vectors: Floats, problems: list[str]) -> pa.Table:
    """Returns rows with the schema `ROWS`."""
    rows = [vector if not problem else None for vector, problem in zip(vectors, problems, strict=True)]
    return pa.table([names, [sizes[name] for name in names], problems, rows], schema=ROWS)


def write_part(store: FeatureStore, table: pa.Table) -> None:
    """Writes a table as one more Parquet file, atomically."""
    with atomic_path(store.parts / f"{secrets.token_hex(8)}.parquet") as unfinished:
        pq.write_table(table, unfinished, compression="lz4")


def read_features(store: FeatureStore, sizes: Mapping[str, int]) -> ImageFeatures:
    """Returns the features of these images, mapped from one flat file that is written the first time.

    Raises:
        ValueError: if one of them is not in the store.
    """
    key = digest(sorted(sizes.items()), 24)
    table, index = store.folder / f"{key}.npy", store.folder / f"{key}.json"
    if not (table.exists() and index.exists()):
        _flatten(store, sizes, table, index)
    known: dict[str, Any] = json.loads(index.read_text(encoding="utf-8"))
    # Copy on write, so that the tensor counts as writable; nobody writes, and workers share the pages.
    mapped = np.load(table, mmap_mode="c")
    return ImageFeatures(
        table=torch.from_numpy(mapped),
        row_of={name: row for row, name in enumerate(known["names"])},
        problems=known["problems"],
        source=store.source,
    )


def _flatten(store: FeatureStore, sizes: Mapping[str, int], table: Path, index: Path) -> None:
    files = pyarrow.dataset.dataset(store.parts, schema=ROWS, format="parquet")
    vectors: dict[str, Floats] = {}
    problems: dict[str, str] = {}
    for batch in files.to_batches(batch_size=1024):
        for row in zip(*(batch[name].to_pylist() for name in ROWS.names[:3]), batch["vector"], strict=True):
            name, num_bytes, problem, vector = row
            if sizes.get(name) != num_bytes:
                continue
            if problem:
                problems[name] = problem
            else:
                vectors[name] = vector.values.to_numpy()
    absent = sizes.keys() - vectors.keys() - problems.keys()
    if absent:
        raise ValueError(f"{store.folder} must hold {len(sizes)} images, {len(absent)} are not there")
    names = [name for name in sizes if name in vectors]
    stacked = np.stack([vectors[name] for name in names]) if names else np.zeros((0, 1), np.float32)
    kept = {"names": names, "problems": {name: problems[name] for name in sizes if name in problems}}
    write_atomic(index, json.dumps(kept))
    with atomic_path(table) as unfinished, unfinished.open("wb") as file:
        np.save(file, stacked)


def _columns(store: FeatureStore, names: list[str]) -> list[list[Any]]:
    table = pyarrow.dataset.dataset(store.parts, schema=ROWS, format="parquet").to_table(columns=names)
    return [table[name].to_pylist() for name in names]


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return NO_FILE
