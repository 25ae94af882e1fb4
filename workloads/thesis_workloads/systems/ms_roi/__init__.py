"""Maps of the regions of interest of an image, and the network that makes them (chapters 2 and 3)."""
