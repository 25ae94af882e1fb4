"""Style, axes, labels and panels of figures; knows nothing of runs."""
