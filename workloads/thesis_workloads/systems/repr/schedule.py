"""Which network an epoch trains: algorithm 4 as a function of the epoch.

The text counts S1 and S2 in iterations; its plots and its totals of epochs fit epochs only. After N
rounds the full network trains for whatever is left of the budget (100 epochs in figure 5.1, 90 in rounds).
"""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Stage:
    """What is trained during one epoch."""

    phase: str  # full | sub; the sparse phase of dsd is its sub
    round: int  # rounds begun so far, 1..N; 0 in standard training
    prunes: bool = False  # filters are dropped before this epoch
    restores: bool = False  # filters come back before this epoch


def stage(epoch: int, *, scheme: str, s1: int, s2: int, n: int) -> Stage:
    """Returns the stage of an epoch, counted from 0.

    Raises:
        ValueError: if the scheme is none of "repr", "dsd" and "standard".
    """
    if scheme == "standard":
        return Stage(phase="full", round=0)
    if scheme not in ("repr", "dsd"):
        raise ValueError(f"scheme must be repr, dsd or standard, got {scheme=}")
    rounds, position = divmod(epoch, s1 + s2)
    if rounds >= n:
        return Stage(phase="full", round=n, restores=rounds == n and position == 0)
    if position < s1:
        return Stage(phase="full", round=rounds + 1, restores=rounds > 0 and position == 0)
    return Stage(phase="sub", round=rounds + 1, prunes=position == s1)
