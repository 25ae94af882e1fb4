"""Words: splitting, vocabularies and padded batches."""
