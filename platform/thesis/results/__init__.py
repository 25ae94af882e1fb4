"""What was measured, as plain values and their files."""
