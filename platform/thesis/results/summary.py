"""What a finished run amounts to, as MLflow's top run shows it."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class Summary:
    """The trial whose model is kept, and what is logged of the whole."""

    best_trial: str | None = None
    metrics: Mapping[str, float] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
