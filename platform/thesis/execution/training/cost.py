"""What a plan would cost, reckoned from the sizes of its networks before anything runs."""

import dataclasses
from collections import Counter
from dataclasses import dataclass
from typing import Any

from thesis.execution.training.cost_model import CPU_FLOPS, passes, trial_seconds
from thesis.execution.training.workloads import check_config, find_workload
from thesis.experiments.plan import Plan, TablePlan, num_trials

# An assumption: a tenth of an A100's float32 peak, sustained in training.
_GPU_FLOPS = 2.0e12
_PROCESS_BYTES = 700 * 2**20  # a worker with torch loaded


@dataclass(frozen=True, kw_only=True)
class Cost:
    """A plan's cost, with the rates it was reckoned at."""

    num_parameters: int
    flops_per_image: float  # one forward pass
    total_flops: float
    cpu_core_hours: float  # arithmetic, memory, optimizer and trials' own work
    gpu_hours: float  # of arithmetic alone
    memory_bytes: float  # of one trial
    storage_bytes: float
    cpu_flops: float = CPU_FLOPS
    gpu_flops: float = _GPU_FLOPS


def estimate(plan: Plan) -> Cost:
    """Returns the cost of a plan if every trial trains the full network to its last epoch.

    Of a table the parameters and operations are those of its largest network.

    Raises:
        UserError: if the plan's configuration is wrong.
    """
    if not isinstance(plan, TablePlan):
        return _cost(plan, plan.config, num_trials(plan))
    seed = plan.config.seed
    counted = Counter(dataclasses.replace(trial.config, seed=seed) for trial in plan.trials)
    costs = [_cost(plan, config, count) for config, count in counted.items()]
    largest = max(costs, key=lambda cost: cost.num_parameters)
    return dataclasses.replace(
        largest,
        total_flops=sum(cost.total_flops for cost in costs),
        cpu_core_hours=sum(cost.cpu_core_hours for cost in costs),
        gpu_hours=sum(cost.gpu_hours for cost in costs),
        memory_bytes=max(cost.memory_bytes for cost in costs),
        storage_bytes=sum(cost.storage_bytes for cost in costs),
    )


def _cost(plan: Plan, config: Any, count: int) -> Cost:
    workload = find_workload(plan.system)
    check_config(workload, config)
    size = workload.size(config)
    total = count * passes(config, size) * size.flops_per_image
    state_bytes = 3 * 4 * size.num_parameters  # weights and up to two slots of the optimizer, float32
    activations = 3 * 4 * size.activations_per_image * config.batch_size / plan.resources.workers
    data_bytes = 4 * size.values_per_image * (size.num_train + size.num_val)
    per_worker = _PROCESS_BYTES + 2 * state_bytes + activations + data_bytes
    return Cost(
        num_parameters=size.num_parameters,
        flops_per_image=size.flops_per_image,
        total_flops=total,
        cpu_core_hours=count * trial_seconds(plan.system, config, size) / 3600,
        gpu_hours=total / _GPU_FLOPS / 3600,
        memory_bytes=per_worker * plan.resources.workers,
        storage_bytes=float(count * 2 * state_bytes),
    )
