"""What the platform has to know of a system before it can train or sweep it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from thesis.experiments.controls import Control
from thesis.experiments.space import Dimension


@dataclass(frozen=True, kw_only=True)
class System:
    """One of the dissertation's systems, as declared in ``experiments/<system>.py``."""

    name: str
    title: str
    chapter: int
    config: type
    space: Mapping[str, Dimension]  # what a sweep searches unless told otherwise
    baseline: Mapping[str, Any]  # overrides that make the standard method with the same budget
    baseline_ignores: tuple[str, ...]  # settings that the baseline does not read
    changeable: Mapping[str, Dimension]  # settings that population based training may change mid-run
    scales: Mapping[str, Mapping[str, Any]]  # smoke | small | paper -> overrides
    scale_spaces: Mapping[str, Mapping[str, Dimension]] = field(default_factory=dict)
    selection_metric: str = "val/accuracy"
    mode: str = "max"
    test_metric: str = "test/accuracy"
    tables: tuple[str, ...] = ()  # dissertation tables and figures that its runs belong to
    baseline_name: str = "standard training"
    method_name: str = "the best configuration"  # in a sentence, before "gains ... over"
    controls: Mapping[str, Control] = field(default_factory=dict)  # by name, in the order of the table
    reported: tuple[str, ...] = ()  # metrics that a ranked table has beside selection and test metric
    # the chosen configuration -> what is run next with it; None trains it again
    next_command: Callable[[Any], str] | None = None
    next_words: str = "Test the best configuration"  # above that command
