"""What a system declares and what the platform gives it. Standard library only.

    from thesis_workloads.contract import Choice, Experiment, Range, Workload

is all that a study needs; ``workloads/README.md`` shows one. `setting` describes the fields of its config.
"""

from thesis_workloads.contract.experiment import Experiment
from thesis_workloads.contract.reporter import Reporter, State
from thesis_workloads.contract.search_space import Choice, Range
from thesis_workloads.contract.settings import check_settings, setting
from thesis_workloads.contract.workload import Workload

__all__ = ["Choice", "Experiment", "Range", "Reporter", "State", "Workload", "check_settings", "setting"]
