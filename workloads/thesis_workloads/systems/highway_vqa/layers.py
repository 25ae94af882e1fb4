"""The highway whose carry gates are fed by words (section 6.1.2).

Prakash and Storer, "Highway Networks for Visual Question Answering", CVPR VQA workshop 2016, after Srivastava,
Greff and Schmidhuber, "Highway Networks", 2015:

    y = H(x) * T(x) + x * C(word)

H is a layer with ReLU, T a layer with sigmoid. Readings where the dissertation is silent:
- a word's vector is projected to the size of x and multiplied point by point. The projection is each layer's own
  (``projection="layer"``): a gate has its own weights in Highway Networks, and section 6.1.2 changes only its
  input. Then a layer reads its word through its own matrix, so another order of the words is another network.
  Section 6.1.2 also says that any order works about as well. That can hold only if all layers read words
  through one matrix: ``projection="shared"``;
- the projection passes a sigmoid, so that C is a gate in 0..1 (``carry="linear"`` leaves it out);
- biases start so that a layer carries more than it transforms, as in Highway Networks.
"""

import torch
from torch import Tensor, nn

CARRIES = ("sigmoid", "linear")
PROJECTIONS = ("layer", "shared")
PADDINGS = ("repeat", "zeros")
_TRANSFORM_BIAS = -1.0  # Srivastava et al. start at -1 to -3
_CARRY_BIAS = 2.0


def highway(x: Tensor, transformed: Tensor, *, transform_gate: Tensor, carry_gate: Tensor) -> Tensor:
    """Returns y (B, D) of the equation from x, H(x), T and C, all (B, D)."""
    return transformed * transform_gate + x * carry_gate


class HighwayLayer(nn.Module):
    """One layer, with a word for its carry gate."""

    def __init__(self, *, width: int, word_dim: int, carry: str, projection: nn.Linear | None = None) -> None:
        """Makes the layer, with the projection of another layer where it is given.

        Raises:
            ValueError: if there is no such carry gate.
        """
        super().__init__()
        if carry not in CARRIES:
            raise ValueError(f"carry must be one of {', '.join(CARRIES)}, got {carry=}")
        self.carry = carry
        self.plain = nn.Linear(width, width)
        self.transform = nn.Linear(width, width)
        self.word = nn.Linear(word_dim, width) if projection is None else projection
        nn.init.constant_(self.transform.bias, _TRANSFORM_BIAS)
        if projection is None:
            nn.init.constant_(self.word.bias, _CARRY_BIAS if carry == "sigmoid" else 1.0)

    def carry_gate(self, word: Tensor) -> Tensor:
        """Returns C (B, D) of word vectors (B, K)."""
        projected: Tensor = self.word(word)
        return torch.sigmoid(projected) if self.carry == "sigmoid" else projected

    def forward(self, x: Tensor, word: Tensor) -> Tensor:
        """Returns y (B, D) of x (B, D) and the word vector (B, K) of this layer."""
        return highway(
            x,
            torch.relu(self.plain(x)),
            transform_gate=torch.sigmoid(self.transform(x)),
            carry_gate=self.carry_gate(word),
        )


def highway_layers(
    depth: int, *, width: int, word_dim: int, carry: str, projection: str
) -> list[HighwayLayer]:
    """Returns that many layers, whose words pass a projection of their own or one of them all.

    Raises:
        ValueError: if there is no such projection or carry gate.
    """
    if projection not in PROJECTIONS:
        raise ValueError(f"projection must be one of {', '.join(PROJECTIONS)}, got {projection=}")
    layers: list[HighwayLayer] = []
    for _ in range(depth):
        shared = layers[0].word if layers and projection == "shared" else None
        layers.append(HighwayLayer(width=width, word_dim=word_dim, carry=carry, projection=shared))
    return layers


def forward_and_reversed(words: Tensor) -> Tensor:
    """Returns (B, 2L): each question (B, L) followed by itself in reverse order, padded with 0 on the right."""
    batch, width = words.shape
    lengths = (words > 0).sum(1, keepdim=True)
    places = torch.arange(2 * width, device=words.device).expand(batch, -1)
    mirrored = torch.where(places < lengths, places, 2 * lengths - 1 - places)
    is_word = places < 2 * lengths
    return torch.where(is_word, words.gather(1, mirrored.clamp(0, width - 1)), 0)


def spread(words: Tensor, *, num_places: int, padding: str) -> Tensor:
    """Returns (B, num_places): the words (B, L), padded with 0, cut or padded to that many.

    ``zeros`` leaves the places after a question empty, ``repeat`` begins it again. A question without a word
    stays empty.

    Raises:
        ValueError: if there is no such padding.
    """
    if padding not in PADDINGS:
        raise ValueError(f"padding must be one of {', '.join(PADDINGS)}, got {padding=}")
    batch, width = words.shape
    lengths = (words > 0).sum(1, keepdim=True)
    places = torch.arange(num_places, device=words.device).expand(batch, -1)
    if padding == "repeat":
        places = places % lengths.clamp(min=1)
    is_word = (places < lengths) & (places < width)
    return torch.where(is_word, words.gather(1, places.clamp(max=width - 1)), 0)


def mean_vectors(vectors: Tensor, is_word: Tensor) -> Tensor:
    """Returns the mean (..., K) of the vectors (..., M, K) that are of a word (..., M); zero where none is."""
    count = is_word.sum(-1, keepdim=True).clamp(min=1)
    mean: Tensor = (vectors * is_word[..., None]).sum(-2) / count
    return mean
