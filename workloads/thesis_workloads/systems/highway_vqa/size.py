"""The size of a run, computed from its configuration: no question is read and no image."""

import torch

from thesis_workloads.contract.model_size import ModelSize
from thesis_workloads.systems.highway_vqa.config import HighwayVQAConfig
from thesis_workloads.systems.highway_vqa.model import Sizes, layers_needed
from thesis_workloads.systems.highway_vqa.state import build

# Of each set: training questions, training images, words, answers, words of the longest question.
_SETS = {
    "easy-vqa": (38_575, 4_000, 28, 13, 8),
    "scenes": (34_657, 4_000, 35, 18, 10),
    "vqa-v1": (248_349, 82_783, 12_600, 1_000_000, 22),
    "vqa-v2": (443_757, 82_783, 13_700, 1_000_000, 22),
}
_FEATURES = {"efficientnet-lite0": 1280, "trained-standard": 64, "trained-repr": 64, "googlenet": 1024}
_LARGE_FEATURES = 2048  # of a large residual network


def size_of(config: HighwayVQAConfig) -> ModelSize:
    """Returns the size of a run with the set's own vocabulary."""
    questions, images, words, answers, longest = _SETS[config.data]
    is_mirrored = config.question == "forward+reversed"
    depth = config.depth or layers_needed(
        longest, words_per_layer=config.words_per_layer, is_mirrored=is_mirrored
    )
    features = _FEATURES.get(config.backbone, _LARGE_FEATURES) * config.grid**2
    sizes = Sizes(
        num_words=words,
        num_answers=min(answers, config.num_answers),
        feature_dim=features,
        word_dim=config.word_dim,
        depth=depth,
    )
    with torch.device("meta"):
        network = build(config, sizes)
    num_parameters = sum(parameter.numel() for parameter in network.parameters())
    # A shared projection has the parameters of one layer and the products of all.
    is_shared = config.model == "highway" and config.projection == "shared"
    products = num_parameters + (depth - 1) * (config.word_dim + 1) * config.width * is_shared
    per_image = questions / images
    num_train = config.num_images or images - config.num_val_images
    return ModelSize(
        num_parameters=num_parameters,
        flops_per_example=2.0 * (products - network.words.weight.numel()),
        activations_per_example=4 * depth * config.width + sizes.num_answers,
        values_per_example=longest + round(features / per_image),
        num_train=round(num_train * per_image),
        num_val=round(config.num_val_images * per_image),
    )
