"""What a network keeps of its earlier hops (equations 8.3, 8.4, 8.6).

Prakash et al., "Condensed Memory Networks for Clinical Diagnostic Inferencing", AAAI 2017.
Deliberate readings where the dissertation contradicts itself:
- Section 8.4.1 reduces both the previous condensed state and the current state to half and joins them, so
  that the size stays; equation 8.4 joins the current state in full. "halves" is the first, "printed" the
  second, whose state is one and a half times as long.
- Equation 8.6 as printed only adds up earlier condensed states, of which the first is the note itself: the
  memory would never enter. What it says in words, an average over the hops' states with weights 1, 1/2,
  1/4, ..., is what is done: v[k+1] = u[k+1] + v[k] / 2, and v[1] = u[1]. Like the equation, it is not
  divided by the sum of its weights.
- How the condensing matrices start is not stated. PyTorch's default has variance 1 / (3 K) and multiplies
  the norm by 0.41 in every hop: after three hops 0.07 of the note is left, after five 0.01. "orthogonal"
  starts with orthogonal rows of length sqrt(inputs / outputs), so that every hop enters with the norm that
  it has, whatever the number of hops after it.
"""

import math

import torch
from torch import Tensor, nn


def next_state(state: Tensor, read: Tensor) -> Tensor:
    """Returns the state of the next hop, (B, K): what was known and what was read (equation 8.3)."""
    return state + read


def averaged(states: list[Tensor]) -> Tensor:
    """Returns the sum of the states (B, K), oldest first, with weights ..., 1/4, 1/2, 1 (equation 8.6)."""
    total = states[0]
    for state in states[1:]:
        total = state + total / 2
    return total


INITS = ("orthogonal", "uniform")
"""How the matrices that condense may start."""


def condensing_matrix(num_inputs: int, num_outputs: int, *, init: str) -> nn.Linear:
    """Returns a linear map without bias that starts as ``init`` names.

    "orthogonal" keeps the norm of a vector whose direction is random: orthogonal rows (or columns, where there
    are more outputs than inputs) times sqrt(inputs / outputs). "uniform" is PyTorch's default.

    Raises:
        ValueError: if there is no such start.
    """
    if init not in INITS:
        raise ValueError(f"condensing_init must be one of {', '.join(INITS)}, got condensing_init={init!r}")
    matrix = nn.Linear(num_inputs, num_outputs, bias=False)
    if init == "orthogonal":
        nn.init.orthogonal_(matrix.weight, gain=math.sqrt(max(1.0, num_inputs / num_outputs)))
    return matrix


class Condensation(nn.Module):
    """One hop's condensation: half of the current state joined with half of the condensed one (equation 8.4)."""

    def __init__(self, *, slot_dim: int, condensed_dim: int, keeps_state: bool, init: str) -> None:
        super().__init__()
        half = slot_dim // 2
        self.of_condensed = condensing_matrix(condensed_dim, half, init=init)  # D1
        self.of_state = None if keeps_state else condensing_matrix(slot_dim, half, init=init)  # D2

    def forward(self, state: Tensor, condensed: Tensor) -> Tensor:
        """Returns the next condensed state, (B, K) or (B, K + K / 2), of the new state and the old one."""
        now = state if self.of_state is None else self.of_state(state)
        return torch.cat((now, self.of_condensed(condensed)), 1)


def condensations(*, slot_dim: int, hops: int, condensation: str, init: str = "orthogonal") -> nn.ModuleList:
    """Returns a condensation for each hop ("D for every pair of A and C", section 8.5.2).

    Raises:
        ValueError: if the size cannot be halved or there is no such condensation or start.
    """
    if slot_dim % 2:
        raise ValueError(f"slot_dim must be even, got {slot_dim=}")
    if condensation not in ("halves", "printed"):
        raise ValueError(f"condensation must be halves or printed, got {condensation=}")
    keeps_state = condensation == "printed"
    sizes = [slot_dim, *[condensed_dim(slot_dim, condensation)] * (hops - 1)]
    return nn.ModuleList(
        Condensation(slot_dim=slot_dim, condensed_dim=size, keeps_state=keeps_state, init=init)
        for size in sizes
    )


def condensed_dim(slot_dim: int, condensation: str) -> int:
    """Returns the size of the condensed state after a hop."""
    return slot_dim + slot_dim // 2 if condensation == "printed" else slot_dim
