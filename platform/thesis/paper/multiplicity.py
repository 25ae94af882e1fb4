"""Corrections for many tests, by statsmodels."""

import gc
from collections.abc import Sequence

from statsmodels.stats.multitest import multipletests


def holm(p_values: Sequence[float]) -> list[float]:
    """Returns p values that stay below 0.05 by chance in any of the tests in at most 5 % (Holm, 1979)."""
    return _adjusted(p_values, "holm")


def false_discovery(p_values: Sequence[float]) -> list[float]:
    """Returns the share of false ones to expect among the tests at or below each (Benjamini, Hochberg, 1995)."""
    return _adjusted(p_values, "fdr_bh")


def _adjusted(p_values: Sequence[float], method: str) -> list[float]:
    if len(p_values) < 2:
        return [float(p) for p in p_values]
    # statsmodels collects garbage each time: 0.2 s in a process with torch, and a report corrects dozens of claims.
    gc.freeze()
    try:
        return [float(p) for p in multipletests(list(p_values), method=method)[1]]
    finally:
        gc.unfreeze()
