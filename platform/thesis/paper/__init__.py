"""The dissertation's printed tables and claims as data, and what measured tables say about them."""
