"""Clinical notes, diagnoses and articles."""
