"""How much of each memory slot a note reads (section 8.4.3).

Prakash et al., "Condensed Memory Networks for Clinical Diagnostic Inferencing", AAAI 2017.
Every scheme gives one score per note and slot; softmax makes a distribution over the slots of them, sigmoid
and gated a weight in 0..1 for each slot by itself. Deviations and choices where the dissertation is silent:
- the gated network has one hidden layer of tanh units over the state, the key and their product;
- its last bias starts at -log(M - 1), so that untrained weights add up to about one, as softmax's do.
  From zero, the sum over many slots would drown the note's own state.
"""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

ADDRESSINGS = ("softmax", "sigmoid", "gated")


def products(states: Tensor, keys: Tensor) -> Tensor:
    """Returns the product of every note's state (B, K) with its keys, (M, K) for all or (B, S, K), as (B, M)."""
    if keys.dim() == 2:
        return states @ keys.T
    return torch.einsum("bk,bsk->bs", states, keys)


def read(weights: Tensor, values: Tensor) -> Tensor:
    """Returns the response to each note, (B, K): the sum of the values by weight (equation 8.2).

    ``weights`` are (B, M) for values (M, K) of all notes, or (B, S) for values (B, S, K) of each note.
    """
    if values.dim() == 2:
        return weights @ values
    return torch.einsum("bs,bsk->bk", weights, values)


class GatedAddressing(nn.Module):
    """A small network that scores a slot from the note's state and the slot's key."""

    def __init__(self, *, slot_dim: int, gate_dim: int, num_slots: int) -> None:
        super().__init__()
        self.of_state = nn.Linear(slot_dim, gate_dim)
        self.of_key = nn.Linear(slot_dim, gate_dim, bias=False)
        self.of_product = nn.Parameter(torch.ones(gate_dim))
        self.out = nn.Linear(gate_dim, 1)
        nn.init.constant_(self.out.bias, -math.log(max(num_slots - 1, 1)))

    def forward(self, states: Tensor, keys: Tensor) -> Tensor:
        """Returns scores (B, M) before the sigmoid, for states (B, K) and keys (M, K) or (B, S, K)."""
        from_keys = self.of_key(keys)
        hidden = self.of_state(states)[:, None, :] + from_keys
        hidden = hidden + products(states, keys)[:, :, None] * self.of_product
        scores: Tensor = self.out(torch.tanh(hidden))
        return scores.squeeze(2)


def weights_of(scores: Tensor, *, addressing: str, is_slot: Tensor | None = None) -> Tensor:
    """Returns weights in 0..1 of the slots, (B, M) like the scores.

    ``is_slot`` (B, M) is False where a note has fewer slots than others; those get weight 0. A note
    without any slot reads nothing.

    Raises:
        ValueError: if there is no such addressing.
    """
    if addressing not in ADDRESSINGS:
        raise ValueError(f"addressing must be one of {', '.join(ADDRESSINGS)}, got {addressing=}")
    if is_slot is None:
        return scores.softmax(1) if addressing == "softmax" else scores.sigmoid()
    if addressing == "softmax":
        scores = scores.masked_fill(~is_slot, torch.finfo(scores.dtype).min)
        return scores.softmax(1).masked_fill(~is_slot, 0.0)
    return scores.sigmoid().masked_fill(~is_slot, 0.0)


def slot_loss(scores: Tensor, relevant: Tensor, *, addressing: str, is_slot: Tensor | None = None) -> Tensor:
    """Returns the cross entropy of the memory slots, summed over the notes (section 8.5.1).

    ``relevant`` (B, M) is True for the articles about a note's diagnoses. Softmax is compared with the
    uniform distribution over these (a note without any counts nothing), the others slot by slot.
    """
    target = relevant.to(scores.dtype)
    if addressing == "softmax":
        if is_slot is not None:
            scores = scores.masked_fill(~is_slot, torch.finfo(scores.dtype).min)
            target = target * is_slot
        target = target / target.sum(1, keepdim=True).clamp(min=1)
        return -(target * scores.log_softmax(1).clamp(min=-1e4)).sum()
    losses = F.binary_cross_entropy_with_logits(scores, target, reduction="none")
    return (losses if is_slot is None else losses * is_slot).sum()
