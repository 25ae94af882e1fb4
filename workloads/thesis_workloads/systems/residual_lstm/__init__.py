"""Stacked residual LSTM for paraphrase generation (chapter 7)."""
