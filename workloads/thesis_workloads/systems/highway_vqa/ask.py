"""One question about one image, answered by a trained network (table 5.7)."""

from dataclasses import dataclass

import torch
from torch import Tensor

from thesis_workloads.systems.highway_vqa.state import TrainedVQA
from thesis_workloads.text.tokens import split_words
from thesis_workloads.text.vocabulary import Vocabulary, numbers_of, padded


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a network says to one question."""

    answers: tuple[str, ...]  # likeliest first
    confidences: tuple[float, ...]  # their probabilities, 0..1
    unknown: tuple[str, ...]  # words of the question that it has never seen
    num_unheard: int  # words at the end that no layer hears


@torch.inference_mode()
def ask(trained: TrainedVQA, features: Tensor, question: str, *, top: int) -> Answer:
    """Returns the likeliest answers to a question about the image with these features (F,).

    Raises:
        ValueError: if the question has no word, or the features are of another backbone.
    """
    words = split_words(question)
    if not words:
        raise ValueError(f"question must have a word, got {question!r}")
    network, vocabulary = trained.network, Vocabulary(trained.words)
    if len(features) != len(network.mean):
        raise ValueError(f"features must be {len(network.mean)} values, got {len(features)}")
    numbers = padded([numbers_of(words, vocabulary)])
    probabilities = network(features[None], numbers).softmax(1)[0]
    best = probabilities.topk(min(top, len(trained.answers)))
    places = len(network.layers) * network.words_per_layer // (2 if network.is_mirrored else 1)
    return Answer(
        answers=tuple(trained.answers[number] for number in best.indices.tolist()),
        confidences=tuple(best.values.tolist()),
        unknown=tuple(dict.fromkeys(word for word in words if word not in vocabulary.numbers)),
        num_unheard=max(0, len(words) - places) if network.model == "highway" else 0,
    )
