"""Running things on Ray: the only home of ``ray``."""
