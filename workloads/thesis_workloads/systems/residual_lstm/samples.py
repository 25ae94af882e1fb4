"""Paraphrases of a few test sources next to their references, to be read (table 7.3)."""

from typing import Any

import torch

from thesis_workloads.systems.residual_lstm.config import ResidualLSTMConfig
from thesis_workloads.systems.residual_lstm.data import ParaphraseData
from thesis_workloads.systems.residual_lstm.generate import as_words, generate
from thesis_workloads.systems.residual_lstm.model import Paraphraser
from thesis_workloads.text.sentences import Sentences, subset

NUM_SAMPLES = 20


def sample_rows(
    network: Paraphraser,
    data: ParaphraseData,
    config: ResidualLSTMConfig,
    *,
    num_samples: int = NUM_SAMPLES,
    num_best: int = 1,
) -> list[dict[str, Any]]:
    """Returns a row for each sample: source, first reference, paraphrase, and how probable the model holds it.

    Args:
        network: trained.
        data: its test part is what samples are taken from, shortest to longest source, evenly.
        config: of the network.
        num_samples: rows at most.
        num_best: paraphrases of each, joined by " | ".
    """
    chosen = spread_over_lengths(data.test.sources, num_samples)
    found = generate(
        network,
        subset(data.test.sources, chosen),
        beam=max(config.beam, num_best),
        max_length=config.max_length,
        num_best=num_best,
        length_penalty=config.length_penalty,
    )
    texts = as_words(found, data.vocabulary.words)
    return [
        {
            "source": data.test_groups[place][0],
            "reference": data.test_groups[place][1],
            "paraphrase": " | ".join(answers),
            "log_probability": round(float(scores[0]), 3),
            "model": config.model,
            "num_layers": config.num_layers,
            "beam": config.beam,
        }
        for place, answers, scores in zip(chosen.tolist(), texts, found.scores, strict=True)
    ]


def spread_over_lengths(sentences: Sentences, count: int) -> torch.Tensor:
    """Returns the numbers of ``count`` sentences, evenly from the shortest to the longest."""
    order = sentences.lengths.argsort(stable=True)
    places = torch.linspace(0, len(order) - 1, min(count, len(order))).round().long()
    return order[places]
