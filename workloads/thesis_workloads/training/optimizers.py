"""Optimizers by name (section 5.6.4), and their per-parameter state as plain named tensors."""

from collections.abc import Callable, Iterable, Mapping

import torch
from torch import Tensor, nn

OptimizerState = dict[str, dict[str, Tensor]]
"""State of an optimizer: parameter name -> slot name (``exp_avg``, ...) -> tensor."""

OPTIMIZERS: dict[str, Callable[[Iterable[nn.Parameter], float, float, float], torch.optim.Optimizer]] = {
    "sgd": lambda parameters, rate, momentum, decay: torch.optim.SGD(parameters, lr=rate, weight_decay=decay),
    "momentum": lambda parameters, rate, momentum, decay: torch.optim.SGD(
        parameters, lr=rate, momentum=momentum, weight_decay=decay
    ),
    "adam": lambda parameters, rate, momentum, decay: torch.optim.Adam(
        parameters, lr=rate, weight_decay=decay
    ),
}


def build_optimizer(
    name: str, network: nn.Module, *, learning_rate: float, momentum: float, weight_decay: float
) -> torch.optim.Optimizer:
    """Returns an optimizer of all parameters of the network, without any state.

    Raises:
        ValueError: if no optimizer has this name.
    """
    if name not in OPTIMIZERS:
        raise ValueError(f"optimizer must be one of {', '.join(OPTIMIZERS)}, got optimizer={name!r}")
    return OPTIMIZERS[name](network.parameters(), learning_rate, momentum, weight_decay)


def set_learning_rate(optimizer: torch.optim.Optimizer, learning_rate: float) -> None:
    """Sets the rate of the next step."""
    for group in optimizer.param_groups:
        group["lr"] = learning_rate


def read_optimizer_state(optimizer: torch.optim.Optimizer, network: nn.Module) -> OptimizerState:
    """Returns the optimizer's state by parameter name: its own tensors, empty before the first step."""
    named = ((name, optimizer.state.get(parameter)) for name, parameter in network.named_parameters())
    return {name: dict(state) for name, state in named if state}


def load_optimizer_state(
    optimizer: torch.optim.Optimizer, network: nn.Module, optimizer_state: Mapping[str, Mapping[str, Tensor]]
) -> None:
    """Replaces the optimizer's state; slots of a parameter's shape go to its device and layout."""
    parameters = dict(network.named_parameters())
    optimizer.state.clear()
    for name, state in optimizer_state.items():
        parameter = parameters[name]
        optimizer.state[parameter] = {slot: _placed(value, parameter) for slot, value in state.items()}


def _placed(value: Tensor, parameter: nn.Parameter) -> Tensor:
    if value.shape != parameter.shape:
        return value.clone()
    return torch.empty_like(parameter, requires_grad=False).copy_(value)
