"""Ranking and figures of a sweep."""
