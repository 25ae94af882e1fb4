"""Outcomes of trials kept in a folder, so that a measurement in parts trains nothing twice."""

import dataclasses
import hashlib
import json
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import torch

Outcome = dict[str, Any]
"""Metrics, tensors and plain values of one trial."""


def outcomes_of(
    configs: Iterable[Any], run: Callable[[Any], Outcome], *, keep: Path | None
) -> dict[Any, Outcome]:
    """Returns the outcome of every configuration, from the folder where it is there."""
    torch.set_num_threads(1)
    todo = list(dict.fromkeys(configs))
    found = {}
    for number, config in enumerate(todo, start=1):
        path = None if keep is None else keep / f"{key_of(config)}.pt"
        if path is not None and path.exists():
            found[config] = torch.load(path, weights_only=True)
            continue
        found[config] = outcome = run(config)
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            torch.save(outcome, path)
        print(f"{number} of {len(todo)} trials", file=sys.stderr, flush=True)
    return found


def key_of(config: Any) -> str:
    fields = json.dumps(dataclasses.asdict(config), sort_keys=True)
    return hashlib.sha256(fields.encode()).hexdigest()[:16]
