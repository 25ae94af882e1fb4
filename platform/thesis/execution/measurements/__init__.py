"""Tables that are neither training runs nor an evaluation."""
