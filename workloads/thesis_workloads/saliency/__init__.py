"""Maps of where a classifier finds its evidence."""
