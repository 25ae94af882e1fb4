"""Adam that counts the steps of every single weight, so that a part of a layer can start again.

`torch.optim.Adam` has one counter for a whole tensor. Where the moments of some rows are cleared and that counter goes
on, the bias corrections no longer fit: their first steps are up to 6.5 times the learning rate. Here the corrections
are moments themselves, of a gradient that is always one: they start at zero, as the others do, and clearing all
four slots of a weight gives it exactly the steps that a new network's weight would take.
"""

from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import nn

BETAS = (0.9, 0.999)
EPSILON = 1e-8


class ElementwiseAdam(torch.optim.Optimizer):
    """Adam (Kingma & Ba 2015) with an L2 penalty, as `torch.optim.Adam`; all slots have the parameter's shape.

    Slots: ``exp_avg`` and ``exp_avg_sq``, the moments; ``correction`` and ``correction_sq``, 1 - beta^k after k steps.
    """

    def __init__(self, parameters: Iterable[nn.Parameter], *, lr: float, weight_decay: float = 0.0) -> None:
        super().__init__(parameters, {"lr": lr, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self, closure: Callable[[], float] | None = None) -> None:  # type: ignore[override]
        """Takes one step; ``closure`` is not used."""
        for group in self.param_groups:
            for parameter in group["params"]:
                if parameter.grad is not None:
                    self._step(parameter, lr=group["lr"], weight_decay=group["weight_decay"])

    def _step(self, parameter: nn.Parameter, *, lr: float, weight_decay: float) -> None:
        assert parameter.grad is not None
        gradient = parameter.grad
        if weight_decay:
            gradient = gradient.add(parameter, alpha=weight_decay)
        state: dict[str, Any] = self.state[parameter]
        if not state:
            names = ("exp_avg", "exp_avg_sq", "correction", "correction_sq")
            state.update({name: torch.zeros_like(parameter) for name in names})
        state["exp_avg"].lerp_(gradient, 1 - BETAS[0])
        state["exp_avg_sq"].mul_(BETAS[1]).addcmul_(gradient, gradient, value=1 - BETAS[1])
        state["correction"].mul_(BETAS[0]).add_(1 - BETAS[0])
        state["correction_sq"].mul_(BETAS[1]).add_(1 - BETAS[1])
        scale = (state["exp_avg_sq"] / state["correction_sq"]).sqrt_().add_(EPSILON)
        parameter.addcdiv_(state["exp_avg"], scale.mul_(state["correction"]), value=-lr)
