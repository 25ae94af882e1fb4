"""Writing and reading the coefficients of JPEG files."""
