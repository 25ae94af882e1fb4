"""The name that was probably meant, for the hint in an error. Standard library only."""

import difflib
from collections.abc import Sequence

_SYNONYMS = {
    "gpu": "cuda",
    "bf16": "bfloat16",
    "fp32": "float32",
    "float": "float32",
    "fmnist": "fashionmnist",
    "mnist": "digits",
    "coco": "mscoco",
    "momentumsgd": "momentum",
    "baseline": "standard",
}
"""What people write for names of another spelling, both without hyphens."""


def nearest_name(word: str, names: Sequence[str]) -> str | None:
    """Returns the name that was probably meant: one spelt alike, one of the same meaning, or the most similar."""
    plain = {_plain(name): name for name in reversed(names)}
    spelt = plain.get(_plain(word)) or plain.get(_SYNONYMS.get(_plain(word), ""))
    if spelt is not None:
        return spelt
    near = difflib.get_close_matches(_plain(word), list(plain), n=1, cutoff=0.5)
    return plain[near[0]] if near else None


def nearest(word: str, names: Sequence[str]) -> str:
    """Returns ``", did you mean 'x'?"`` for the nearest of the names, or an empty string."""
    found = nearest_name(word, names)
    return f", did you mean {found!r}?" if found else ""


def _plain(word: str) -> str:
    return word.lower().replace("-", "").replace("_", "").replace(" ", "")
