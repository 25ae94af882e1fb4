"""The values of a claim's loop variables, where some are only described: "each of the 20 sizes"."""

import ast
from typing import Any

from thesis.paper.check_language import quantity_calls
from thesis.paper.reference import Claim, Reference
from thesis.results.measured_tables import Measured

_DESCRIBED = "each "
_OTHERS = "not named"  # "each category not named in the dissertation": without those that a claim names


def loop_values(claim: Claim, reference: Reference, measured: Measured) -> dict[str, tuple[Any, ...]]:
    """Returns the loop values with what is only described replaced by what was measured.

    A description stays where nothing was: its combination is then one that was not run.
    """
    found: dict[str, tuple[Any, ...]] = {}
    for variable, values in claim.forall.items():
        named = [value for value in values if not _is_described(value)]
        described = [value for value in values if _is_described(value)]
        more = [value for value in _measured_values(claim, variable, measured) if value not in named]
        if any(_OTHERS in value for value in described):
            elsewhere = _named_in_checks(claim, variable, reference)
            more = [value for value in more if value not in elsewhere]
        found[variable] = tuple(named + (more or described)) if described else tuple(values)
    return found


def _is_described(value: Any) -> bool:
    return isinstance(value, str) and value.startswith(_DESCRIBED)


def _places(claim: Claim, variable: str) -> list[tuple[str, str, dict[str, ast.expr]]]:
    """Returns quantity, key and all keys of every place where the check uses the loop variable."""
    return [
        (name, key, keys)
        for name, keys in quantity_calls(claim.check or "")
        for key, node in keys.items()
        if isinstance(node, ast.Name) and node.id == variable
    ]


def _measured_values(claim: Claim, variable: str, measured: Measured) -> list[Any]:
    found: dict[Any, None] = {}
    for name, key, keys in _places(claim, variable):
        fixed = {other: node.value for other, node in keys.items() if isinstance(node, ast.Constant)}
        for table in measured.measures(claim.system):
            for row in table.rows:
                fits = row.keys.keys() == keys.keys() and fixed.items() <= row.keys.items()
                if fits and name in row.cells:
                    found[row.keys[key]] = None
    return list(found)


def _named_in_checks(claim: Claim, variable: str, reference: Reference) -> set[Any]:
    places = {(name, key) for name, key, _ in _places(claim, variable)}
    return {
        node.value
        for other in reference.claims.values()
        if other.check is not None and other.system == claim.system
        for name, keys in quantity_calls(other.check)
        for key, node in keys.items()
        if (name, key) in places and isinstance(node, ast.Constant)
    }
