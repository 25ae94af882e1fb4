"""The four sequence-to-sequence models of table 7.2.

- seq2seq (Sutskever, Vinyals and Le 2014): the encoder's last states are the decoder's first ones, layer
  by layer; decoding starts from the end-of-sentence mark.
- attention (Bahdanau, Cho and Bengio 2015): seq2seq with additive attention over the encoder's outputs.
- bidirectional (Graves, Jaitly and Mohamed 2013): the encoder has half the layers, in both directions,
  so that each of its directions' layers starts one layer of the decoder and the parameters stay similar.
- residual: seq2seq whose two stacks have residual connections.

One-hot words times a matrix are the rows of `nn.Embedding`; encoder and decoder have one each.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from thesis_workloads.systems.residual_lstm.attention import AdditiveAttention
from thesis_workloads.systems.residual_lstm.stack import LSTMStack, LSTMState
from thesis_workloads.training.seeding import seeded

MODELS = ("seq2seq", "attention", "bidirectional", "residual")
PAD, END, UNK = 0, 1, 2  # numbers of the marks, first in every vocabulary


@dataclass(frozen=True)
class Memory:
    """What the decoder keeps of the sources, one row each."""

    outputs: Tensor | None  # (B, S, H) of the encoder, where there is attention
    keys: Tensor | None  # (B, S, H)
    is_word: Tensor  # (B, S) bool


class Paraphraser(nn.Module):
    """Encoder and decoder; see the module's docstring."""

    def __init__(
        self,
        model: str,
        *,
        num_words: int,
        width: int,
        num_layers: int,
        residual_step: int,
        dropout: float,
        dropout_position: str = "after-sum",
    ) -> None:
        """Makes the layers.

        Raises:
            ValueError: if there is no such model, or its number of layers must be even and is not.
        """
        super().__init__()
        if model not in MODELS:
            raise ValueError(f"model must be one of {', '.join(MODELS)}, got {model=}")
        is_bidirectional = model == "bidirectional"
        if is_bidirectional and num_layers % 2:
            raise ValueError(f"num_layers must be even for bidirectional, got {num_layers=}")
        step = residual_step if model == "residual" else 0
        self.source_words = nn.Embedding(num_words, width)
        self.target_words = nn.Embedding(num_words, width)
        self.encoder = LSTMStack(
            width,
            num_layers=num_layers // 2 if is_bidirectional else num_layers,
            residual_step=step,
            dropout=dropout,
            dropout_position=dropout_position,
            bidirectional=is_bidirectional,
        )
        self.decoder = LSTMStack(
            width,
            num_layers=num_layers,
            residual_step=step,
            dropout=dropout,
            dropout_position=dropout_position,
        )
        self.attention = AdditiveAttention(width) if model == "attention" else None
        self.output = nn.Linear(width, num_words)

    def forward(self, source: Tensor, lengths: Tensor, previous: Tensor) -> Tensor:
        """Returns unnormalised log probabilities (B, T, V) of every next word.

        Args:
            source: (B, S), padded on the right.
            lengths: words of every source (B,), at least 1, on the CPU.
            previous: the end mark and then the target words, (B, T).
        """
        state, memory = self.encode(source, lengths)
        return self.decode(previous, state, memory)[0]

    def encode(self, source: Tensor, lengths: Tensor) -> tuple[LSTMState, Memory]:
        """Returns the decoder's first state and what it keeps of the sources."""
        packed = pack_padded_sequence(
            self.source_words(source), lengths, batch_first=True, enforce_sorted=False
        )
        outputs, state = self.encoder.forward_packed(packed)
        is_word = torch.arange(source.shape[1], device=source.device) < lengths[:, None].to(source.device)
        if self.attention is None:
            return state, Memory(None, None, is_word)
        memory, _ = pad_packed_sequence(outputs, batch_first=True, total_length=source.shape[1])
        return state, Memory(memory, self.attention.key(memory), is_word)

    def decode(self, previous: Tensor, state: LSTMState, memory: Memory) -> tuple[Tensor, LSTMState]:
        """Returns unnormalised log probabilities (B, T, V) and the state after the last of the words."""
        outputs, state = self.decoder(self.target_words(previous), state)
        if self.attention is not None:
            if memory.outputs is None or memory.keys is None:
                raise ValueError(f"memory must hold the encoder's outputs for attention, got {memory=}")
            outputs = self.attention(outputs, memory.outputs, memory.keys, memory.is_word)
        return self.output(outputs), state


def build_paraphraser(
    model: str,
    *,
    num_words: int,
    width: int,
    num_layers: int,
    residual_step: int,
    dropout: float,
    init_range: float,
    seed: int,
    dropout_position: str = "after-sum",
) -> Paraphraser:
    """Returns a model whose parameters are uniform in +-``init_range``, drawn from the seed alone."""
    network = Paraphraser(
        model,
        num_words=num_words,
        width=width,
        num_layers=num_layers,
        residual_step=residual_step,
        dropout=dropout,
        dropout_position=dropout_position,
    )
    with seeded("weights", seed), torch.no_grad():
        for parameter in network.parameters():
            if not parameter.is_meta:
                parameter.uniform_(-init_range, init_range)
    return network


def num_lstm_units(network: Paraphraser) -> int:
    """Returns the LSTM units of the encoder: layers times directions times width (section 7.2.3)."""
    stack = network.encoder
    width = network.source_words.embedding_dim
    return sum(stack.depths) * stack.num_directions * width
