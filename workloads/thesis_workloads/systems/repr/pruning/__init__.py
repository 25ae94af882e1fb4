"""Ranking, removing and re-initialising filters."""
