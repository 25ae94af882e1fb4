"""Objects by reference, ``module:NAME``: named in a declaration, imported when they are needed."""

import importlib
from typing import Any


def resolve(reference: str) -> Any:
    """Returns the object that ``module:NAME`` names.

    Raises:
        ValueError: if the text is no such reference, or the module has no such name.
        ImportError: if there is no such module.
    """
    module, colon, name = reference.partition(":")
    if not (module and colon and name):
        raise ValueError(f"a reference must be module:NAME, got {reference!r}")
    try:
        return getattr(importlib.import_module(module), name)
    except AttributeError:
        raise ValueError(f"{module} has no {name!r}") from None
