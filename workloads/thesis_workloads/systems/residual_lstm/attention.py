"""Additive attention over the source (Bahdanau, Cho and Bengio 2015; table 7.2).

score(t, s) = v . tanh(W q_t + U k_s). Deliberate deviation: the query q_t is the decoder's top output of
the same step, and the context joins that output instead of the next step's input (as in Luong, Pham and
Manning 2015), so that all steps of a teacher-forced batch still run in one fused kernel.
"""

import torch
from torch import Tensor, nn


class AdditiveAttention(nn.Module):
    """Joins each decoder output with what it attends to in the source."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.query = nn.Linear(width, width, bias=False)
        self.key = nn.Linear(width, width, bias=False)
        self.score = nn.Linear(width, 1, bias=False)
        self.join = nn.Linear(2 * width, width, bias=False)

    def forward(self, outputs: Tensor, memory: Tensor, keys: Tensor, is_word: Tensor) -> Tensor:
        """Returns (B, T, H) in [-1, 1].

        Args:
            outputs: of the decoder, (B, T, H).
            memory: encoder outputs, (B, S, H).
            keys: ``self.key(memory)``, which a decoder computes once per sentence.
            is_word: (B, S), true where the source has a word.
        """
        weights = self.weights(outputs, keys, is_word)
        context = weights @ memory
        joined: Tensor = self.join(torch.cat((outputs, context), dim=-1))
        return joined.tanh()

    def weights(self, outputs: Tensor, keys: Tensor, is_word: Tensor) -> Tensor:
        """Returns the share of each source word in the context, (B, T, S); every row sums to 1."""
        hidden = torch.tanh(self.query(outputs)[:, :, None] + keys[:, None])
        scores: Tensor = self.score(hidden)[..., 0].masked_fill(~is_word[:, None], float("-inf"))
        return scores.softmax(-1)
