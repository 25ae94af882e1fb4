"""The multimodal highway network and the baselines of table 6.1.

All see the image as a fixed vector of features, standardised by the training images', and the question as
numbers of words. The baselines follow Antol et al. (2015): ``image`` and ``question`` see one side only,
``q+i`` joins the mean word vector and the features, ``lstm-q+i`` multiplies an LSTM's last state with the
features, both mapped to one size; then come two layers, as table 5.8 says.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from thesis_workloads.systems.highway_vqa.layers import (
    forward_and_reversed,
    highway_layers,
    mean_vectors,
    spread,
)

MODELS = ("highway", "image", "question", "q+i", "lstm-q+i")
_EMBEDDING_STD = 0.3


@dataclass(frozen=True, kw_only=True)
class Sizes:
    """What a network's shape depends on besides its configuration; kept in a run's state."""

    num_words: int  # the marks included
    num_answers: int
    feature_dim: int
    word_dim: int
    depth: int  # highway layers


class VQANetwork(nn.Module):
    """Answers a question about an image: logits over the answers."""

    mean: Tensor
    deviation: Tensor

    def __init__(
        self,
        model: str,
        *,
        sizes: Sizes,
        width: int,
        words_per_layer: int,
        padding: str,
        carry: str,
        projection: str = "layer",
        is_mirrored: bool,
        dropout: float,
    ) -> None:
        super().__init__()
        if model not in MODELS:
            raise ValueError(f"model must be one of {', '.join(MODELS)}, got {model=}")
        self.model, self.words_per_layer, self.padding = model, words_per_layer, padding
        self.is_mirrored = is_mirrored
        self.register_buffer("mean", torch.zeros(sizes.feature_dim))
        self.register_buffer("deviation", torch.ones(sizes.feature_dim))
        self.words = nn.Embedding(sizes.num_words, sizes.word_dim, padding_idx=0)
        nn.init.normal_(self.words.weight, std=_EMBEDDING_STD)
        with torch.no_grad():
            self.words.weight[0].zero_()
        self.image = nn.Linear(sizes.feature_dim, width) if model != "question" else None
        self.layers = nn.ModuleList(
            highway_layers(
                sizes.depth if model == "highway" else 0,
                width=width,
                word_dim=sizes.word_dim,
                carry=carry,
                projection=projection,
            )
        )
        self.lstm = nn.LSTM(sizes.word_dim, width, batch_first=True) if model == "lstm-q+i" else None
        self.head = nn.Sequential(
            *_hidden(model, sizes.word_dim, width), nn.Dropout(dropout), nn.Linear(width, sizes.num_answers)
        )
        if model == "image":
            self.words.requires_grad_(False)  # several workers need a gradient for all that could have one

    def forward(self, features: Tensor, words: Tensor) -> Tensor:
        """Returns logits (B, A) for features (B, F) and words (B, L), 0 for padding."""
        if self.is_mirrored:
            words = forward_and_reversed(words)
        seen = (features - self.mean) / self.deviation
        if self.model == "highway":
            joined = self._highway(seen, words)
        elif self.image is None:
            joined = self._bag(words)
        elif self.model == "image":
            joined = self.image(seen)
        elif self.model == "q+i":
            joined = torch.cat((self.image(seen), self._bag(words)), 1)
        else:
            joined = torch.tanh(self.image(seen)) * torch.tanh(self._last_state(words))
        logits: Tensor = self.head(joined)
        return logits

    def gate_words(self, words: Tensor) -> Tensor:
        """Returns the vectors (B, depth, K) that feed the carry gates, for words (B, L)."""
        places = len(self.layers) * self.words_per_layer
        numbers = spread(words, num_places=places, padding=self.padding)
        numbers = numbers.view(len(words), len(self.layers), self.words_per_layer)
        return mean_vectors(self.words(numbers), numbers > 0)

    def _highway(self, seen: Tensor, words: Tensor) -> Tensor:
        assert self.image is not None
        x: Tensor = self.image(seen)
        vectors = self.gate_words(words)
        for number, layer in enumerate(self.layers):
            x = layer(x, vectors[:, number])
        return x

    def _bag(self, words: Tensor) -> Tensor:
        return mean_vectors(self.words(words), words > 0)

    def _last_state(self, words: Tensor) -> Tensor:
        assert self.lstm is not None
        outputs, _ = self.lstm(self.words(words))
        last = ((words > 0).sum(1) - 1).clamp(min=0)
        # The state after the last word: what comes behind it is padding, which it has not seen.
        return outputs[torch.arange(len(words), device=words.device), last]  # type: ignore[no-any-return]


def _hidden(model: str, word_dim: int, width: int) -> Sequence[nn.Module]:
    if model == "highway":
        return ()
    inputs = {"question": word_dim, "q+i": width + word_dim}.get(model, width)
    return (nn.Linear(inputs, width), nn.Tanh(), nn.Linear(width, width), nn.Tanh())


def layers_needed(longest: int, *, words_per_layer: int, is_mirrored: bool) -> int:
    """Returns the number of layers that a question of that many words needs (section 6.1.2)."""
    words = longest * (2 if is_mirrored else 1)
    return max(1, -(-words // words_per_layer))
