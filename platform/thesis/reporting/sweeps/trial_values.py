"""Values read from a trial's record."""

import math
from collections.abc import Sequence

from thesis.tracking.records import TrialRecord


def last_value(record: TrialRecord, metric: str) -> float | None:
    """Returns the last reported value of the metric, or None where there is none or it is not finite.

    The last and not the best epoch: choosing the epoch by the metric would flatter noisy trials.
    """
    for row in reversed(record.history):
        if metric in row:
            value = float(row[metric])
            return value if math.isfinite(value) else None
    return None


def searched_keys(records: Sequence[TrialRecord], *, seed_key: str = "seed") -> tuple[str, ...]:
    """Returns the keys, the seed apart, in which the trials other than baselines differ."""
    configs = [record.config for record in records if record.is_candidate]
    keys = dict.fromkeys(key for config in configs for key in config if key != seed_key)
    return tuple(key for key in keys if len({repr(config.get(key)) for config in configs}) > 1)
