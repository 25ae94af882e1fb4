"""The cost of a plan, estimated from the sizes of its networks before anything runs.

The networks of convolutions take what their arithmetic takes. The networks of text, of notes and of questions
are too small for that: at the scale ``small`` most of their time goes to memory, value by value, to the
optimizer, parameter by parameter, and to the dozens of calls that a step is made of. The constants are fitted to
trials of those three systems on one core of an AMD EPYC with other work at the same time;
``tests/benchmarks/bench_estimates.py`` compares estimates with measurements.
"""

import dataclasses
from collections import Counter
from dataclasses import dataclass
from typing import Any

from thesis.execution.training.workloads import check_config, find_workload
from thesis.experiments.plan import Plan, TablePlan, num_trials
from thesis_workloads.contract.model_size import ModelSize
from thesis_workloads.contract.workload import Overhead

CPU_FLOPS = 7.0e10
"""Sustained in training: what the default RePr sweep reached on one core of an AMD EPYC, 17.4 TFLOP in 2 x 119 s."""

BACKWARD_FACTOR = 3.0
"""Forward, gradient of inputs, gradient of weights."""
# An assumption: a tenth of an A100's float32 peak, sustained in training.
_GPU_FLOPS = 2.0e12
_PROCESS_BYTES = 700 * 2**20  # a worker with torch loaded


@dataclass(frozen=True, kw_only=True)
class Cost:
    """A plan's cost, with the rates that it was estimated with."""

    num_parameters: int
    flops_per_example: float  # one forward pass
    total_flops: float
    cpu_core_hours: float  # arithmetic, memory, optimizer and trials' own work
    gpu_hours: float  # of arithmetic alone
    memory_bytes: float  # of one trial
    storage_bytes: float
    is_known: bool = True  # False where the system declares no size: all counts are zero
    cpu_flops: float = CPU_FLOPS
    gpu_flops: float = _GPU_FLOPS


_UNKNOWN = Cost(
    num_parameters=0,
    flops_per_example=0.0,
    total_flops=0.0,
    cpu_core_hours=0.0,
    gpu_hours=0.0,
    memory_bytes=0.0,
    storage_bytes=0.0,
    is_known=False,
)


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
    if workload.size is None:
        return _UNKNOWN
    size = workload.size(config)
    total = count * passes(config, size) * size.flops_per_example
    state_bytes = 3 * 4 * size.num_parameters  # weights and up to two slots of the optimizer, float32
    activations = 3 * 4 * size.activations_per_example * config.batch_size / plan.resources.workers
    data_bytes = 4 * size.values_per_example * (size.num_train + size.num_val)
    per_worker = _PROCESS_BYTES + 2 * state_bytes + activations + data_bytes
    return Cost(
        num_parameters=size.num_parameters,
        flops_per_example=size.flops_per_example,
        total_flops=total,
        cpu_core_hours=count * trial_seconds(workload.overhead, config, size) / 3600,
        gpu_hours=total / _GPU_FLOPS / 3600,
        memory_bytes=per_worker * plan.resources.workers,
        storage_bytes=float(count * 2 * state_bytes),
    )


def passes(config: Any, size: ModelSize) -> float:
    """Returns the number of forward passes of one input in a trial, a backward pass counted as two."""
    return float(config.epochs * (BACKWARD_FACTOR * size.num_train + size.num_val))


def trial_seconds(overhead: Overhead, config: Any, size: ModelSize) -> float:
    """Returns the seconds that one core takes for a trial which goes to its last epoch."""
    steps = config.epochs * -(-size.num_train // config.batch_size)
    step_s = overhead.s_per_step + overhead.s_per_parameter * size.num_parameters
    pass_s = size.flops_per_example / CPU_FLOPS + overhead.s_per_value * size.activations_per_example
    return float(overhead.s_per_trial + steps * step_s + passes(config, size) * pass_s)
