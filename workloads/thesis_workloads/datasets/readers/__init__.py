"""One reader per file format; each returns `RawSet`."""
