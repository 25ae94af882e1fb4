"""Pairs of paraphrases."""
