"""What the platform has to know of a system before it can train or sweep it. Standard library only."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from thesis_workloads.contract.controls import Control
from thesis_workloads.contract.reference import resolve
from thesis_workloads.contract.search_space import Dimension
from thesis_workloads.contract.workload import Workload


@dataclass(frozen=True, kw_only=True)
class Experiment:
    """One system: the dissertation's are declared in ``systems/<system>/experiment.py``, a study in its own file.

    ``config`` is a frozen dataclass. Its field ``epochs``, where it has one, says how often a trial reports; a field
    ``seed`` is what ``--seeds`` repeats a trial over.
    """

    name: str
    config: type
    workload: Workload | str  # or ``module:NAME`` of one, imported when it is needed
    space: Mapping[str, Dimension]  # what a sweep searches by default
    baseline: Mapping[str, Any]  # overrides that make the standard method with the same budget
    title: str = ""
    chapter: int = 0  # of the dissertation; 0 for a study of another origin
    baseline_ignores: tuple[str, ...] = ()  # settings that the baseline does not read
    # Settings that population based training may change mid-run.
    changeable: Mapping[str, Dimension] = field(default_factory=dict)
    # smoke | small | paper -> overrides
    scales: Mapping[str, Mapping[str, Any]] = field(default_factory=lambda: {"small": {}})
    scale_spaces: Mapping[str, Mapping[str, Dimension]] = field(default_factory=dict)
    selection_metric: str = "val/accuracy"
    mode: str = "max"
    test_metric: str = "test/accuracy"
    baseline_name: str = "standard training"
    method_name: str = "the best configuration"  # in a sentence, before "gains ... over"
    controls: Mapping[str, Control] = field(default_factory=dict)  # by name, in the order of the table
    reported: tuple[str, ...] = ()  # metrics that a ranked table has next to selection and test metric
    # the chosen configuration -> the command that is run next with it; None trains it again
    next_command: Callable[[Any], str] | None = None
    next_words: str = "Test the best configuration"  # above that command
    # Declared tables and figures by id, or ``module:NAME`` of such mappings.
    tables: tuple[Mapping[str, Any] | str, ...] = ()
    reference: str = ""  # path or ``module:NAME`` that a study was loaded from; set when it is loaded


def workload_of(experiment: Experiment) -> Workload:
    """Returns a system's functions; imports what they need, PyTorch for most."""
    found = experiment.workload
    workload: Workload = resolve(found) if isinstance(found, str) else found
    return workload


def tables_of(experiment: Experiment) -> dict[str, Any]:
    """Returns a system's declared tables and figures by id."""
    found: dict[str, Any] = {}
    for tables in experiment.tables:
        found |= resolve(tables) if isinstance(tables, str) else tables
    return found
