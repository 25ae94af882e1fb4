"""What a core takes to train a system's network: the arithmetic, and what is not arithmetic.

The networks of convolutions take what their arithmetic takes. The networks of text, of notes and of questions
are too small for that: at the scale ``small`` most of their time goes to memory, value by value, to the
optimizer, parameter by parameter, and to the dozens of calls that a step is made of. The constants are fitted to
trials of those three systems on one core of an AMD EPYC with other work beside it;
``tests/benchmarks/bench_estimates.py`` sets estimates beside measurements.
"""

from dataclasses import dataclass
from typing import Any

CPU_FLOPS = 7.0e10
"""Sustained in training: what the default RePr sweep reached on one core of an AMD EPYC, 17.4 TFLOP in 2 x 119 s."""

BACKWARD_FACTOR = 3.0
"""Forward, gradient of inputs, gradient of weights."""


@dataclass(frozen=True, kw_only=True)
class Overhead:
    """Seconds beside the arithmetic."""

    s_per_value: float = 0.0  # that a layer puts out, each time
    s_per_parameter: float = 0.0  # of a step of the optimizer
    s_per_step: float = 0.0
    s_per_trial: float = 0.0  # start, test part, states kept


_ARITHMETIC = Overhead()
_SMALL_NETWORK = Overhead(s_per_value=5e-9, s_per_parameter=4e-9, s_per_step=2e-3, s_per_trial=1.0)
_OVERHEADS = {
    "condensed-memory": _SMALL_NETWORK,
    "residual-lstm": _SMALL_NETWORK,
    "highway-vqa": _SMALL_NETWORK,
}


def passes(config: Any, size: Any) -> float:
    """Returns how many forward passes of one input a trial costs, a backward pass counted as two."""
    return float(config.epochs * (BACKWARD_FACTOR * size.num_train + size.num_val))


def trial_seconds(system: str, config: Any, size: Any) -> float:
    """Returns the seconds that one core takes for a trial which goes to its last epoch."""
    overhead = _OVERHEADS.get(system, _ARITHMETIC)
    steps = config.epochs * -(-size.num_train // config.batch_size)
    step_s = overhead.s_per_step + overhead.s_per_parameter * size.num_parameters
    pass_s = size.flops_per_image / CPU_FLOPS + overhead.s_per_value * size.activations_per_image
    return float(overhead.s_per_trial + steps * step_s + passes(config, size) * pass_s)
