"""Which network an epoch trains: algorithm 4 as a function of the epoch.

The dissertation counts S1 and S2 in iterations; its plots and its totals of epochs fit epochs only. After N
rounds the full network trains for whatever is left of the budget (100 epochs in figure 5.1, 90 in rounds).
With N = 0 the rounds go on to the end, as siahuat0727/RePr lets them: then a run may end in a sub-network.

"later-layers" is the control of Zhou et al. 2022: the full network all along, its later layers drawn again at
the epochs at which RePr's filters would come back.
"""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Stage:
    """What is trained during one epoch."""

    phase: str  # full | sub; the sparse phase of dsd is its sub
    round: int  # rounds begun so far, 1..N; 0 in standard training
    prunes: bool = False  # filters are dropped before this epoch
    restores: bool = False  # filters come back, or layers are drawn again, before this epoch


def stage(epoch: int, *, scheme: str, s1: int, s2: int, n: int) -> Stage:
    """Returns the stage of an epoch, counted from 0.

    Raises:
        ValueError: if the scheme is none of "repr", "dsd", "later-layers" and "standard".
    """
    if scheme == "standard":
        return Stage(phase="full", round=0)
    if scheme not in ("repr", "dsd", "later-layers"):
        raise ValueError(f"scheme must be repr, dsd, later-layers or standard, got {scheme=}")
    rounds, position = divmod(epoch, s1 + s2)
    if scheme == "later-layers":
        done = min(rounds, n) if n else rounds
        return Stage(phase="full", round=done, restores=done > 0 and epoch == done * (s1 + s2))
    if n and rounds >= n:
        return Stage(phase="full", round=n, restores=rounds == n and position == 0)
    if position < s1:
        return Stage(phase="full", round=rounds + 1, restores=rounds > 0 and position == 0)
    return Stage(phase="sub", round=rounds + 1, prunes=position == s1)


def last_reactivation(epochs: int, *, scheme: str, s1: int, s2: int, n: int) -> int:
    """Returns the epoch, counted from 0, before which filters come back for the last time; 0 if they never do."""
    if scheme == "standard":
        return 0
    possible = (epochs - 1) // (s1 + s2)
    return (s1 + s2) * (min(n, possible) if n else possible)
