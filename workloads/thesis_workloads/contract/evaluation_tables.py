"""A table or figure as an evaluation of attacks and defences, and where its numbers are among the rows."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Cell:
    """Where a printed number is found among the measured rows."""

    row: Mapping[str, Any]  # the table's row keys
    column: str  # the table's column key
    attacks: tuple[str, ...]  # labels; the mean over several
    defense: str
    measure: str  # one of `execution.evaluation_findings.MEASURES`
    factor: float = 100.0  # the table prints percent
    is_quantity: bool = False  # needed by a claim and printed in no table: its column is the quantity's name


@dataclass(frozen=True, kw_only=True)
class DeclaredEvaluation:
    """One table or figure of chapters 3 and 4."""

    name: str
    title: str
    classifier: str  # that the dissertation used
    attacks: tuple[str, ...]
    defenses: tuple[str, ...]
    cells: tuple[Cell, ...] = ()
    system: str = "pixel-deflection"  # whose table it is
    has_curves: bool = (
        False  # adds accuracy against epsilon of an attacker who knows the defence, and its audit
    )
    stand_in: str = "efficientnet-lite0"  # the network of a package that stands in for it by default

    kind = "evaluation"
