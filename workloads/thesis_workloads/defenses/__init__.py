"""Image transformations that other defences consist of, one file each."""
