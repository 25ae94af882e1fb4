"""The pixel deflection defence (chapter 4)."""
