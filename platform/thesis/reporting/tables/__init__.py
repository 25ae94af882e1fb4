"""Published numbers next to measured ones."""
