"""Claims frozen before the runs: a measured table notes what judges it, so that a later change is seen.

A claim's digest covers what decides: check, loop values, kind and stated number, and the chosen bounds. Wording,
source and notes may change.
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from thesis.paper.bounds import BOUNDS, SMALLEST_DIFFERENCES
from thesis.paper.check_language import quantity_calls
from thesis.paper.reference import Claim, Reference
from thesis.results.measured_tables import FrozenClaims, MeasuredTable, is_measures


@dataclass(frozen=True, kw_only=True)
class ClaimChange:
    """A claim that is not what it was when a table that it judges was first measured."""

    claim: str
    kind: Literal["changed", "added", "removed"]
    tables: tuple[str, ...]


def claim_digest(claim: Claim) -> str:
    """Returns 12 hexadecimal digits of everything that decides a claim."""
    return _digest([claim.check, _plain(claim.forall), claim.kind, _plain(claim.value), *_bounds()])


def claims_judging(table_id: str, system: str, reference: Reference) -> list[Claim]:
    """Returns the claims that read a table, or for a table of quantities those that need some of its system."""
    if is_measures(table_id):
        return [
            claim
            for claim in reference.claims.values()
            if claim.system == system and claim.check and quantity_calls(claim.check)
        ]
    return [
        claim
        for claim in reference.claims.values()
        if claim.check and f'"{table_id}"' in claim.check + json.dumps(_plain(claim.forall))
    ]


def freeze(claims: Iterable[Claim], *, commit: str) -> FrozenClaims:
    """Returns a table's note on the claims that judge it."""
    digests = {claim.id: claim_digest(claim) for claim in claims}
    return FrozenClaims(digest=_digest([digests, *_bounds()]), commit=commit, claims=digests)


def keep_first(first: FrozenClaims | None, now: FrozenClaims) -> FrozenClaims:
    """Returns the note of the first run: measuring a table again does not hide what was changed since."""
    return now if first is None else first


def changed_claims(tables: Sequence[MeasuredTable], reference: Reference) -> list[ClaimChange]:
    """Returns the claims that changed after tables which they judge were first measured, by id."""
    found: dict[tuple[str, Literal["changed", "added", "removed"]], list[str]] = {}
    for table in tables:
        if table.judged_by is None:
            continue
        then = table.judged_by.claims
        now = {claim.id: claim_digest(claim) for claim in claims_judging(table.id, table.system, reference)}
        for claim in sorted(then.keys() | now.keys()):
            if then.get(claim) == now.get(claim):
                continue
            kind: Literal["changed", "added", "removed"] = (
                "added" if claim not in then else "removed" if claim not in now else "changed"
            )
            found.setdefault((claim, kind), []).append(table.id)
    return [
        ClaimChange(claim=claim, kind=kind, tables=tuple(names)) for (claim, kind), names in found.items()
    ]


def _bounds() -> list[Any]:
    return [BOUNDS, SMALLEST_DIFFERENCES]


def _plain(value: Any) -> Any:
    return json.loads(json.dumps(value))


def _digest(content: Any) -> str:
    text = json.dumps(content, sort_keys=True)
    return hashlib.sha256(text.encode("utf-8")).hexdigest()[:12]
