"""Attacking and defending images on Ray Data."""
