"""What a network keeps of its earlier hops (equations 8.3, 8.4, 8.6).

Prakash et al., "Condensed Memory Networks for Clinical Diagnostic Inferencing", AAAI 2017.
Deliberate readings where the text contradicts itself:
- Section 8.4.1 reduces both the previous condensed state and the current state to half and joins them, so
  that the size stays; equation 8.4 joins the current state in full. "halves" is the first, "printed" the
  second, whose state is one and a half times as long.
- Equation 8.6 as printed only adds up earlier condensed states, of which the first is the note itself: the
  memory would never enter. What it says in words, an average over the hops' states with weights 1, 1/2,
  1/4, ..., is what is done: v[k+1] = u[k+1] + v[k] / 2, and v[1] = u[1]. Like the equation, it is not
  divided by the sum of its weights.
"""

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


class Condensation(nn.Module):
    """One hop's condensation: half of the current state joined with half of the condensed one (equation 8.4)."""

    def __init__(self, *, slot_dim: int, condensed_dim: int, keeps_state: bool) -> None:
        super().__init__()
        half = slot_dim // 2
        self.of_condensed = nn.Linear(condensed_dim, half, bias=False)  # D1
        self.of_state = None if keeps_state else nn.Linear(slot_dim, half, bias=False)  # D2

    def forward(self, state: Tensor, condensed: Tensor) -> Tensor:
        """Returns the next condensed state, (B, K) or (B, K + K / 2), of the new state and the old one."""
        now = state if self.of_state is None else self.of_state(state)
        return torch.cat((now, self.of_condensed(condensed)), 1)


def condensations(*, slot_dim: int, hops: int, condensation: str) -> nn.ModuleList:
    """Returns a condensation for each hop ("D for every pair of A and C", section 8.5.2).

    Raises:
        ValueError: if the size cannot be halved or there is no such condensation.
    """
    if slot_dim % 2:
        raise ValueError(f"slot_dim must be even, got {slot_dim=}")
    if condensation not in ("halves", "printed"):
        raise ValueError(f"condensation must be halves or printed, got {condensation=}")
    keeps_state = condensation == "printed"
    sizes = [slot_dim, *[condensed_dim(slot_dim, condensation)] * (hops - 1)]
    return nn.ModuleList(
        Condensation(slot_dim=slot_dim, condensed_dim=size, keeps_state=keeps_state) for size in sizes
    )


def condensed_dim(slot_dim: int, condensation: str) -> int:
    """Returns the size of the condensed state after a hop."""
    return slot_dim + slot_dim // 2 if condensation == "printed" else slot_dim
