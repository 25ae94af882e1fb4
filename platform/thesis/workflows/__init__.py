"""The application layer: train, sweep, evaluate and reproduce from the first check to the last file."""
