"""Colour, wavelet and block transforms of image batches."""
