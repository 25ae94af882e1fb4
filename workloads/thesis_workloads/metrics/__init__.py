"""Numbers computed from predictions and images."""
