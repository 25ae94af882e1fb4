"""The cost of measured tables, in text."""

from thesis.results.measured_tables import NOTHING_SPENT, MeasuredTable, Spent

_HOUR_S = 3600.0
# Names of the texts of `spent_texts`.
SPENT_COLUMNS = ("trials", "reused", "CPU core hours", "wall time")


def total_spent(tables: list[MeasuredTable]) -> Spent:
    """Returns the cost of all tables that record one."""
    return sum((table.spent for table in tables if table.spent is not None), NOTHING_SPENT)


def spent_texts(spent: Spent) -> list[str]:
    """Returns trials, those of them that were reused, CPU core hours and wall time."""
    return [str(spent.num_trials), str(spent.num_reused), hours(spent.core_s), duration(spent.wall_s)]


def hours(seconds: float) -> str:
    """Returns seconds as hours with three significant digits."""
    return f"{seconds / _HOUR_S:.3g}"


def duration(seconds: float) -> str:
    """Returns a duration with its unit: seconds, minutes or hours."""
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 2 * _HOUR_S else f"{seconds / _HOUR_S:.1f} h"
