"""The size of a run, computed without making a tensor or reading a sentence.

A pair stands where other systems have an image: its length is taken as three quarters of ``max_length`` on both
sides, and matrix products are counted, the decoding of the test part not.
"""

import torch

from thesis_workloads.contract.model_size import ModelSize
from thesis_workloads.systems.residual_lstm.config import ResidualLSTMConfig
from thesis_workloads.systems.residual_lstm.data import MARKS
from thesis_workloads.systems.residual_lstm.model import Paraphraser

# Training pairs and commonest words of each set: table 7.1, and the verses of at most 20 words.
PUBLISHED_PAIRS = {"bible-verses": 8_840, "ppdb": 4_826_492, "wikianswers": 4_826_492, "mscoco": 331_163}


def size_of(config: ResidualLSTMConfig) -> ModelSize:
    """Returns the size of a run from its configuration, with a full vocabulary.

    Raises:
        ValueError: if there is no such model.
    """
    num_words = config.vocabulary + len(MARKS)
    with torch.device("meta"):
        network = Paraphraser(
            config.model,
            num_words=num_words,
            width=config.hidden,
            num_layers=config.num_layers,
            residual_step=config.residual_step,
            dropout=config.dropout,
            dropout_position=config.dropout_position,
        )
    length = 0.75 * config.max_length
    # Every matrix is multiplied with each word of its side; embeddings are looked up.
    lookups = network.source_words.weight.numel() + network.target_words.weight.numel()
    num_parameters = sum(parameter.numel() for parameter in network.parameters())
    flops = 2 * length * (num_parameters - lookups)
    if network.attention is not None:
        flops += 4 * length * length * config.hidden
    width = num_words + 12 * config.hidden * config.num_layers
    return ModelSize(
        num_parameters=num_parameters,
        flops_per_example=flops,
        activations_per_example=round(length * width),
        values_per_example=round(4 * length) + 4,
        num_train=config.num_train or PUBLISHED_PAIRS[config.data],
        num_val=config.num_val,
    )
