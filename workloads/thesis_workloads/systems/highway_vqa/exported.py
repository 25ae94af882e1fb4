"""A trained network with one input, as model stores want it: features and word numbers side by side."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from thesis_workloads.systems.highway_vqa.model import VQANetwork


class OneInput(nn.Module):
    """Takes (B, F + L): F features of the image, then the question's word numbers, 0 for padding."""

    def __init__(self, network: VQANetwork) -> None:
        super().__init__()
        self.network = network
        self.num_features = len(network.mean)

    def forward(self, inputs: Tensor) -> Tensor:
        """Returns logits (B, A)."""
        words = inputs[:, self.num_features :].round().long()
        logits: Tensor = self.network(inputs[:, : self.num_features], words)
        return logits


def joined(features: Tensor, words: Tensor) -> NDArray[np.float32]:
    """Returns the one input for features (B, F) and words (B, L)."""
    both: NDArray[np.float32] = torch.cat((features, words.float()), 1).numpy()
    return both
