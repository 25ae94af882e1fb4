"""The science: models, algorithms, data readers and training loops in plain PyTorch."""
