"""RePr on an object detector: Faster R-CNN whose residual backbone loses filters (section 5.8.3, table 5.9)."""
