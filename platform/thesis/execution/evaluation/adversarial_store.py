"""Adversarial sets on disk: one Parquet file per attack and chunk of images, named after what made it.

A file holds float32 tensors, never 8-bit images, the classifier's predictions for them, their robust activation
maps, and in its metadata what made them. Its name is a digest of classifier, attack, parameters and images,
so evaluations and sweeps find each other's sets, and an interrupted run resumes with the files it has.
"""

import dataclasses
import io
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import torch
from torch import Tensor

from thesis.execution.evaluation.images import Chunk
from thesis.execution.storage.cache import cache_root
from thesis.execution.storage.filesystems import StorageLocation, join_location, resolve_location, write_file
from thesis_workloads.contract.digest import digest
from thesis_workloads.contract.evaluation import AttackSpec
from thesis_workloads.defenses.counter_random import id_of_name

_FORMAT = 1  # of the files; another number never reads these
_IRRELEVANT = ("name", "num_votes")  # of the defence that an attacker knows: they don't change the attack
TENSORS = ("adversarial", "saliency")
ATTACKED, MISCLASSIFIED, UNREADABLE, FAILED = "attacked", "misclassified", "unreadable", "failed"


@dataclass(frozen=True, kw_only=True)
class AttackedChunk:
    """One chunk under one attack."""

    rows: list[dict[str, Any]]  # one per photograph, in order of id, without the tensors
    ids: Tensor  # (A,) int64, of the A photographs that were attacked
    labels: Tensor  # (A,) int64
    adversarial: Tensor  # (A, 3, size, size) float32 in [0, 1]
    saliency: Tensor  # (A, size, size) float32 in [0, 1], R-CAM of the adversarial images

    @property
    def attacked_rows(self) -> list[dict[str, Any]]:
        """Returns the rows of the photographs that were attacked, in the order of the tensors."""
        return [row for row in self.rows if row["status"] == ATTACKED]


def sets_root(data_dir: Path | None) -> str:
    """Returns where adversarial sets are kept: THESIS_SETS_DIR, which may be in an object store, or `cache_root`."""
    return os.environ.get("THESIS_SETS_DIR") or str(cache_root(data_dir))


def provenance(classifier: Mapping[str, Any], attack: AttackSpec, chunk: Chunk) -> dict[str, Any]:
    """Returns the format, classifier, attack and images of a chunk's adversarial images, as JSON values."""
    spec = _relevant(dataclasses.asdict(attack))
    made_by = {"format": _FORMAT, "classifier": dict(classifier), "attack": spec, "images": chunk.digest}
    return json.loads(json.dumps(made_by))  # type: ignore[no-any-return]


def _relevant(spec: dict[str, Any]) -> dict[str, Any]:
    """Returns a spec without what doesn't change the attack; one without a smaller epsilon keeps its old form."""
    if spec["defense"] is not None:
        spec["defense"] = {key: value for key, value in spec["defense"].items() if key not in _IRRELEVANT}
    smaller = spec.pop("smaller")
    return spec if smaller is None else {**spec, "smaller": _relevant(smaller)}


def chunk_key(made_by: Mapping[str, Any]) -> str:
    """Returns the digest that a chunk's file is named after."""
    return digest(made_by, 24)


def chunk_file(store: StorageLocation, made_by: Mapping[str, Any]) -> str:
    """Returns the file of a chunk's adversarial images, there or not."""
    key = chunk_key(made_by)
    return join_location(store, key[:2], f"{key}.parquet")


def write_chunk(where: StorageLocation, rows: list[dict[str, Any]], made_by: Mapping[str, Any]) -> None:
    """Writes one chunk atomically; tensors are given as arrays, or None where there is none."""
    stored = [{**row, **{name: _bytes(row[name]) for name in TENSORS}} for row in rows]
    table = pa.Table.from_pylist(stored, schema=_SCHEMA)
    table = table.replace_schema_metadata({"thesis": json.dumps(made_by)})
    content = io.BytesIO()
    pq.write_table(table, content, compression="lz4")
    write_file(where, content.getvalue())


def read_chunk(where: StorageLocation) -> AttackedChunk:
    """Returns one chunk's rows and tensors."""
    place = resolve_location(where)
    stored = pq.read_table(place.path, filesystem=place.filesystem).to_pylist()
    attacked = [row for row in stored if row["status"] == ATTACKED]
    size = attacked[0]["size"] if attacked else 1
    return AttackedChunk(
        rows=[{key: value for key, value in row.items() if key not in TENSORS} for row in stored],
        ids=torch.tensor([id_of_name(row["id"]) for row in attacked], dtype=torch.int64),
        labels=torch.tensor([row["label"] for row in attacked], dtype=torch.int64),
        adversarial=_stacked([row["adversarial"] for row in attacked], (3, size, size)),
        saliency=_stacked([row["saliency"] for row in attacked], (size, size)),
    )


def read_provenance(where: StorageLocation) -> dict[str, Any]:
    """Returns the provenance that a file holds."""
    place = resolve_location(where)
    metadata = pq.read_schema(place.path, filesystem=place.filesystem).metadata
    return json.loads(metadata[b"thesis"])  # type: ignore[no-any-return]


_SCHEMA = pa.schema(
    {
        "id": pa.string(),
        "label": pa.int64(),
        "status": pa.string(),
        "error": pa.string(),
        "clean_prediction": pa.int64(),
        "adversarial_prediction": pa.int64(),
        "l2": pa.float64(),  # normalised, as the dissertation reports it
        "linf": pa.float64(),
        "probability": pa.float64(),  # of the label, undefended
        "adversary_rank": pa.int64(),  # 1..5: place of the wrong class among the clean image's; 0: not there
        "label_rank": pa.int64(),  # 1..5: place of the label among the adversarial image's; 0: not there
        "found_by": pa.string(),  # of who knows the defence: the attack that broke it, or the test's outcome
        "outside": pa.float64(),  # how far the farthest value lies outside 0..1
        "size": pa.int64(),
        "adversarial": pa.large_binary(),
        "saliency": pa.large_binary(),
    }
)


def _bytes(array: np.ndarray | None) -> bytes | None:
    return None if array is None else np.ascontiguousarray(array, dtype="<f4").tobytes()


def _stacked(buffers: list[bytes], shape: tuple[int, ...]) -> Tensor:
    if not buffers:
        return torch.zeros(0, *shape)
    arrays = [np.frombuffer(buffer, dtype="<f4").reshape(shape) for buffer in buffers]
    return torch.from_numpy(np.stack(arrays))
