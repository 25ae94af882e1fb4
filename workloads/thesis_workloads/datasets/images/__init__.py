"""Labelled photographs, scenes and boxes."""
