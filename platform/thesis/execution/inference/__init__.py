"""A trained model on a user's own files."""
