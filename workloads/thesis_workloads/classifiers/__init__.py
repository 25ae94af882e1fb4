"""Pretrained classifiers behind one small interface."""
