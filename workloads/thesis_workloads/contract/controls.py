"""Controls of a method: runs next to it that say how much of its gain comes with less, or with something else.

A system declares them by name (`System.controls`), `thesis sweep --controls` runs them with the sweep's data, budget
and seeds, and the ranked table has them as rows next to the method's settings and the baseline.
"""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal


@dataclass(frozen=True, kw_only=True)
class Control:
    """One control: settings changed in the baseline or in the method, or another reading of the baseline's runs."""

    overrides: Mapping[str, Any] = field(default_factory=dict)
    of: Literal["baseline", "method"] = "baseline"  # whose configuration is changed
    # Of the baseline's own runs, in place of the system's metrics; then nothing is run.
    metric: str = ""
    test_metric: str = ""
    # What takes the place of the part that it leaves out of the method, in words. "random filters" lets a summary say
    # how much of the gain comes with random filters too.
    in_place: str = ""

    @property
    def is_run(self) -> bool:
        """True if it has trials of its own."""
        return not self.metric


def control_configs(
    controls: Mapping[str, Control], names: Sequence[str], *, method: Any, baseline: Any
) -> list[tuple[str, Any]]:
    """Returns name and configuration of the controls that are run, of the method's and baseline's configurations."""
    return [
        (name, dataclasses.replace(method if control.of == "method" else baseline, **control.overrides))
        for name in names
        if (control := controls[name]).is_run
    ]
