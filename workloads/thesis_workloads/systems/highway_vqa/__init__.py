"""Multimodal highway networks for visual question answering (chapter 6)."""
