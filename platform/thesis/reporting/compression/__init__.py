"""Tables and images of the content-aware encoder."""
