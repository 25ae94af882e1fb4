"""What a measurement found, before it is compared with the published numbers: plain rows."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True, kw_only=True)
class DataUsed:
    """What numbers were measured on."""

    name: str
    version: str = ""
    digest: str = ""
    is_published: bool = False  # the very data that the dissertation names


@dataclass(frozen=True, kw_only=True)
class CellSamples:
    """The samples behind one number, which is their mean."""

    row: Mapping[str, Any]  # the table's row keys
    column: str  # the table's column key
    values: Mapping[str, float]  # by the seed, image, sentence pair, ... that each belongs to
    unit: str = "seed"  # what differs between them; "exact" for one value without error
    data: DataUsed | None = None  # where it differs from the findings'
    is_quantity: bool = False  # what a claim needs and no table prints: `column` with the arguments `row`


@dataclass(frozen=True, kw_only=True)
class Findings:
    """All that was found of one table or figure."""

    data: DataUsed
    cells: tuple[CellSamples, ...] = ()
    seeds: tuple[int, ...] = ()
    missing: tuple[str, ...] = ()  # a sentence each: what was planned and isn't there
    notes: tuple[str, ...] = ()  # deviations from the dissertation that a reader has to know
    figures: tuple[Path, ...] = ()  # PNG or SVG files in the run's folder
    provenance: Mapping[str, str] = field(default_factory=dict)
    links: Mapping[str, str] = field(default_factory=dict)


def all_of(used: Sequence[DataUsed]) -> DataUsed:
    """Returns one name, version and digest for several sets."""
    distinct = list(dict.fromkeys(used))
    if len(distinct) == 1:
        return distinct[0]
    digests = " ".join(each.digest for each in distinct)
    return DataUsed(
        name=", ".join(dict.fromkeys(each.name for each in distinct)) or "nothing",
        version=", ".join(dict.fromkeys(each.version for each in distinct)),
        digest=hashlib.sha256(digests.encode()).hexdigest()[:16] if distinct else "",
        is_published=bool(distinct) and all(each.is_published for each in distinct),
    )
