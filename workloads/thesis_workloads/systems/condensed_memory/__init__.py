"""Condensed memory networks: diagnoses from notes, read with a knowledge base (chapter 8)."""
