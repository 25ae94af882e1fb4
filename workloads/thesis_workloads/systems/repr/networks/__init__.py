"""Networks whose filters can be removed."""
