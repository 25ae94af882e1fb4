"""Names of metrics as MLflow takes them: letters, digits, ``_-. :/`` and spaces."""

import re


def metric_name(name: str) -> str:
    """Returns a name that MLflow takes; two names that differ in ``@`` or ``%`` alone still differ."""
    spoken = name.replace("@", " at ").replace("%", " percent")
    return re.sub(r"[^\w\-. :/]", " ", spoken, flags=re.ASCII)
