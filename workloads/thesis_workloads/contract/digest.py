"""A short name for any value made of plain parts."""

import hashlib
import json
from typing import Any


def digest(value: Any, length: int = 8) -> str:
    """Returns the first hexadecimal digits of a value's SHA-256, over its canonical JSON."""
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:length]
