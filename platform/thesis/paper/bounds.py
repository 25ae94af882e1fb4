"""Bounds that the author leaves open and the claims name; chosen here."""

# |r| below which two maps are called unrelated: under 1 % of the variance of one is explained by the other.
WEAK_CORRELATION = 0.1
# How far values may lie apart and still be called steady: one unit of the column (1 dB, 1 percentage point),
# which is about what a second run with another seed moves them.
SMALL_SPREAD = 1.0
# The least gain that is called one, in percentage points of accuracy: the dissertation prints accuracies with one
# decimal and calls 0.5 points between variants of a method no improvement (chapter 5, table 5.2).
SIGNIFICANT_GAIN = 0.5

# The smallest difference of interest in each unit: smaller ones count as equal (two one-sided tests). Half a point is
# what the dissertation calls no improvement; 0.1 dB lies below what viewers see; the others are half a point on a
# scale from 0 to 1. Chosen here, before the runs.
SMALLEST_DIFFERENCES: dict[str, float] = {
    "percent": SIGNIFICANT_GAIN,
    "points 0-100": SIGNIFICANT_GAIN,
    "dB": 0.1,
    "fraction": 0.005,
    "index 0-1": 0.005,
}

BOUNDS: dict[str, float] = {
    "weak_correlation": WEAK_CORRELATION,
    "small_spread": SMALL_SPREAD,
    "significant_gain": SIGNIFICANT_GAIN,
}
