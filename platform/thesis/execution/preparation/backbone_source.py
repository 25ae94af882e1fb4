"""A backbone that every worker can make by itself."""

from collections.abc import Callable
from dataclasses import dataclass

from thesis_workloads.systems.highway_vqa.backbones import Backbone


@dataclass(frozen=True, kw_only=True)
class BackboneSource:
    """A backbone that every worker can make by itself."""

    identity: str
    load: Callable[[], Backbone]
