"""Stacked LSTM layers with residual connections (section 7.2.3).

Prakash, Hasan, Lee, Datla, Qadir, Liu and Farri: Neural Paraphrase Generation with Stacked Residual LSTM
Networks (COLING 2016). A connection adds to the output of every n-th layer the input of the layer n - 1
below it, both at the same time step; the recurrence itself runs on the layer's state without the sum.

- The equation's index t - n counts layers, not time: x_i is the input of layer i + 1.
- The n layers under one connection are one fused `nn.LSTM`. Dropout follows every layer (section 7.4.3). The
  output of a layer with a connection is the sum (equation of section 7.2.3). ``after-sum`` drops units of that
  sum. ``before-sum`` drops units of the LSTM's output alone, so the block's input reaches the next block
  undropped.
- Word vectors are as wide as the layers, so that the dissertation's clipping or padding of x never arises.
- Layers left over when the depth is no multiple of n come last and have no connection.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence

DROPOUT_POSITIONS = ("after-sum", "before-sum")

LSTMState = tuple[Tensor, Tensor]
"""Hidden and cell states, (layers * directions, B, H) each."""


class LSTMStack(nn.Module):
    """Layers of LSTM in fused blocks, with a residual connection around every whole block."""

    def __init__(
        self,
        width: int,
        *,
        num_layers: int,
        residual_step: int = 0,
        dropout: float = 0.0,
        dropout_position: str = "after-sum",
        bidirectional: bool = False,
    ) -> None:
        """Makes the layers.

        Args:
            width: of the input and units of every layer.
            num_layers: layers in all.
            residual_step: layers that a connection spans; 0 for no connections.
            dropout: probability, after every layer.
            dropout_position: ``after-sum`` or ``before-sum``; without a connection both are the same.
            bidirectional: run every layer in both directions; its output is then twice as wide.

        Raises:
            ValueError: if there is no layer or no such position, or connections are asked for in both directions.
        """
        super().__init__()
        if dropout_position not in DROPOUT_POSITIONS:
            raise ValueError(
                f"dropout_position must be one of {', '.join(DROPOUT_POSITIONS)}, got {dropout_position=}"
            )
        if num_layers < 1 or residual_step < 0:
            raise ValueError(
                f"num_layers must be positive and residual_step not negative,"
                f" got {num_layers=} {residual_step=}"
            )
        if bidirectional and residual_step:
            raise ValueError(f"residual_step must be 0 where {bidirectional=}, got {residual_step=}")
        step = residual_step or num_layers
        self.depths = [min(step, num_layers - done) for done in range(0, num_layers, step)]
        self.residual_step = residual_step
        self.dropout = dropout
        self.dropout_position = dropout_position
        self.num_directions = 2 if bidirectional else 1
        self.blocks = nn.ModuleList(
            nn.LSTM(
                width,
                width,
                num_layers=depth,
                dropout=dropout if depth > 1 else 0.0,
                batch_first=True,
                bidirectional=bidirectional,
            )
            for depth in self.depths
        )

    def forward(self, inputs: Tensor, state: LSTMState | None = None) -> tuple[Tensor, LSTMState]:
        """Returns outputs (B, T, H * directions) and the last state, for inputs (B, T, H) of full length."""
        states: list[LSTMState] = []
        for block, old, depth in zip(self.blocks, self._split(state), self.depths, strict=True):
            outputs, new = block(inputs, old)
            inputs = self._connected(inputs, outputs, depth)
            states.append(new)
        return inputs, _joined(states)

    def forward_packed(self, inputs: PackedSequence) -> tuple[PackedSequence, LSTMState]:
        """Returns packed outputs and every sentence's state after its last word, starting from zeros."""
        states: list[LSTMState] = []
        for block, depth in zip(self.blocks, self.depths, strict=True):
            outputs, new = block(inputs)
            inputs = outputs._replace(data=self._connected(inputs.data, outputs.data, depth))
            states.append(new)
        return inputs, _joined(states)

    def _connected(self, inputs: Tensor, outputs: Tensor, depth: int) -> Tensor:
        is_connected = depth == self.residual_step
        if is_connected and self.dropout_position == "after-sum":
            return F.dropout(inputs + outputs, self.dropout, self.training)
        dropped = F.dropout(outputs, self.dropout, self.training)
        return inputs + dropped if is_connected else dropped

    def _split(self, state: LSTMState | None) -> list[LSTMState | None]:
        if state is None:
            return [None] * len(self.depths)
        sizes = [depth * self.num_directions for depth in self.depths]
        return list(zip(*(part.split(sizes) for part in state), strict=True))


def _joined(states: list[LSTMState]) -> LSTMState:
    if len(states) == 1:
        return states[0]
    hidden, cell = (torch.cat(parts) for parts in zip(*states, strict=True))
    return hidden, cell
