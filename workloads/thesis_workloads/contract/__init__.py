"""What a system declares and what the platform gives it. Standard library only."""
