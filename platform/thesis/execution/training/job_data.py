"""The data of a run: those of all of its configurations, each loaded once and identified by a digest."""

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from thesis.execution.training.workloads import data_settings, data_used, load_data
from thesis.experiments.plan import Plan, TablePlan
from thesis.results.findings import DataUsed
from thesis_workloads.contract.digest import digest
from thesis_workloads.contract.workload import Workload


@dataclasses.dataclass(frozen=True, kw_only=True)
class JobData:
    """The datasets of a run's configurations."""

    first: Any  # the data of the plan's own configuration
    used: Mapping[str, DataUsed]  # by `data_key`
    digest: str  # of all of them

    @property
    def names(self) -> str:
        """Returns the name and version of each, for messages."""
        return "; ".join(f"{used.name} {used.version}".strip() for used in self.used.values())


def data_key(workload: Workload, config: Any) -> str:
    """Returns a digest of the settings that a configuration's data depend on."""
    return digest(data_settings(workload, config))


def load_job_data(workload: Workload, plan: Plan, data_dir: Path | None, *, download: bool) -> JobData:
    """Loads the plan's data; a table's sets one after the other, of which only the first is kept in memory.

    Raises:
        UserError: if one is absent, damaged or too small, with what to do.
    """
    first = load_data(workload, plan.config, data_dir, download=download)
    used = {data_key(workload, plan.config): data_used(workload, plan.config, first)}
    for trial in plan.trials if isinstance(plan, TablePlan) else ():
        key = data_key(workload, trial.config)
        if key not in used:
            data = load_data(workload, trial.config, data_dir, download=download)
            used[key] = data_used(workload, trial.config, data)
    digests = [each.digest for each in used.values()]
    return JobData(first=first, used=used, digest=digests[0] if len(digests) == 1 else digest(digests, 16))
