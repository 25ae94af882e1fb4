"""Files that are made once for a dataset, on Ray Data."""
