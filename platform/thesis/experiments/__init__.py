"""What can be run, as typed frozen values: no Ray, no torch."""
