"""Aug-MSROI: maps averaged over perturbed copies, and JPEG as a defense (chapter 3)."""
