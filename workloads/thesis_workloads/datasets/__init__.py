"""Image sets that are shipped, downloaded or the user's own: one table of names, one reader per format."""
