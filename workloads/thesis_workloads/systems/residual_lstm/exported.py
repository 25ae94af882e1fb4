"""The trained network as one graph without data-dependent shapes, which `torch.export` can trace.

Packed sentences and beams that leave early depend on the data; here every step is taken for every sentence and
masked where it has ended. Greedy search; the same paraphrases as `generate` with beam 1.
"""

import torch
from torch import Tensor, nn

from thesis_workloads.systems.residual_lstm.model import END, PAD, Memory, Paraphraser
from thesis_workloads.systems.residual_lstm.stack import LSTMStack, LSTMState


class GreedyParaphrase(nn.Module):
    """Takes sources (B, S), padded on the right, and gives their paraphrases (B, max_length), padded too."""

    def __init__(self, network: Paraphraser, *, max_length: int) -> None:
        super().__init__()
        self.network = network
        self.max_length = max_length

    def forward(self, source: Tensor) -> Tensor:
        """Returns the numbers of the words (B, max_length) int64, without the end mark."""
        network = self.network
        is_word = source != PAD
        outputs, state = masked_pass(network.encoder, network.source_words(source), is_word)
        attention = network.attention
        memory = Memory(outputs, None if attention is None else attention.key(outputs), is_word)
        previous = torch.full_like(source[:, :1], END)
        is_going = torch.ones_like(previous, dtype=torch.bool)
        words = []
        for _ in range(self.max_length):
            logits, state = network.decode(previous, state, memory)
            logits = torch.cat((torch.full_like(logits[..., :1], float("-inf")), logits[..., 1:]), -1)
            previous = logits.argmax(-1)
            is_going = is_going & (previous != END)
            words.append(torch.where(is_going, previous, PAD))
        return torch.cat(words, 1)


def masked_pass(stack: LSTMStack, inputs: Tensor, is_word: Tensor) -> tuple[Tensor, LSTMState]:
    """Returns the result of `LSTMStack.forward_packed` in evaluation, for inputs (B, T, H) and words (B, T).

    Outputs (B, T, H * directions) are padded with what the last step left.
    """
    states = []
    for block, depth in zip(stack.blocks, stack.depths, strict=True):
        found = inputs
        for layer in range(depth):
            suffixes = [f"l{layer}", f"l{layer}_reverse"][: stack.num_directions]
            sides = [_direction(block, suffix, found, is_word) for suffix in suffixes]
            found = torch.cat([outputs for outputs, _ in sides], -1)
            states += [state for _, state in sides]
        inputs = inputs + found if depth == stack.residual_step else found
    hidden, cell = (torch.stack(parts) for parts in zip(*states, strict=True))
    return inputs, (hidden, cell)


def _direction(block: nn.Module, suffix: str, inputs: Tensor, is_word: Tensor) -> tuple[Tensor, LSTMState]:
    """Returns one layer's outputs in one direction and its last state; a step without a word changes nothing."""
    names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    weights = [getattr(block, f"{name}_{suffix}") for name in names]
    hidden = cell = inputs.new_zeros(inputs.shape[0], weights[1].shape[1])
    steps = range(inputs.shape[1])
    outputs: list[Tensor] = []
    for step in reversed(steps) if suffix.endswith("reverse") else steps:
        after, cell_after = torch.lstm_cell(inputs[:, step], (hidden, cell), *weights)
        now = is_word[:, step : step + 1]
        hidden, cell = torch.where(now, after, hidden), torch.where(now, cell_after, cell)
        outputs.append(hidden)
    if suffix.endswith("reverse"):
        outputs.reverse()
    return torch.stack(outputs, 1), (hidden, cell)
