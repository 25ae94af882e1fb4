"""Which photographs choose the settings and which measure them: two parts that share no image (section 4.9.1)."""

import hashlib
from collections.abc import Sequence

from thesis_workloads.datasets.images.photographs import Photograph

PARTS = ("all", "val", "test")
_VAL_SHARE = 0.4  # the dissertation takes 300 next to 1,000; of twenty, six would say too little


def photographs_of_part(photographs: Sequence[Photograph], part: str) -> list[Photograph]:
    """Returns the photographs of a part in order of id: the same ones in any order and on any machine.

    Args:
        photographs: all of a set.
        part: ``val`` (to choose settings by), ``test`` (the others), or ``all``.

    Raises:
        ValueError: if there is no such part, or two photographs share an id.
    """
    if part not in PARTS:
        raise ValueError(f"part must be one of {PARTS}, got {part=}")
    if len({each.id for each in photographs}) < len(photographs):
        raise ValueError(f"photographs must have ids of their own, got {len(photographs)=} with repeated ids")
    shuffled = sorted(photographs, key=lambda each: hashlib.blake2b(each.id.encode()).digest())
    num_val = round(_VAL_SHARE * len(shuffled))
    chosen = {"all": shuffled, "val": shuffled[:num_val], "test": shuffled[num_val:]}[part]
    return sorted(chosen, key=lambda each: each.id)
