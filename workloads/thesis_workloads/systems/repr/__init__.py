"""RePr: training convolutional networks by pruning and reinitialising filters (chapter 5)."""
