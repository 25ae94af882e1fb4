"""Adversarial attacks: one published method per file, each a batched function of a model and its images."""
