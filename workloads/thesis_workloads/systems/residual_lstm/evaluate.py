"""Scores of a trained network's paraphrases of the test part (tables 7.4 and 7.5)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch

from thesis_workloads.metrics.embedding_similarity import greedy_metric, learn_word_vectors, read_word_vectors
from thesis_workloads.metrics.generation import BLEU_METRIC, TER_METRIC, CorpusMetric, Floats, ratio_score
from thesis_workloads.metrics.meteor import meteor_metric, meteor_score, read_wordnet
from thesis_workloads.metrics.significance import Score
from thesis_workloads.systems.residual_lstm.data import ParaphraseData
from thesis_workloads.systems.residual_lstm.generate import as_words, generate
from thesis_workloads.systems.residual_lstm.model import Paraphraser
from thesis_workloads.text.sentences import subset
from thesis_workloads.training.distributed import all_sum
from thesis_workloads.training.evaluation import slice_of

SCORES_OF_SUMS: Mapping[str, Score] = {
    "bleu": BLEU_METRIC.score,
    "meteor": meteor_score,
    "emb_greedy": ratio_score,
    "ter": TER_METRIC.score,
}
"""What a score is of the sums of its statistics: for tests on statistics that were kept."""


@dataclass(frozen=True, kw_only=True)
class Decoded:
    """What a network made of the test sources."""

    paraphrases: list[str]  # of this worker's part; all of them in a single process
    statistics: Mapping[str, Floats]  # metric -> (N, K), of all sources on every worker
    names: Mapping[str, str]  # metric -> implementation and parameters

    def scores(self, metrics: Mapping[str, CorpusMetric]) -> dict[str, float]:
        """Returns the corpus score of every metric."""
        return {key: float(metrics[key].score(table.sum(0))) for key, table in self.statistics.items()}


def make_metrics(data: ParaphraseData, *, word_vectors: str = "") -> dict[str, CorpusMetric]:
    """Returns BLEU, METEOR, greedy embedding similarity and TER.

    Word vectors come from the file, or are learned on the training targets where that is empty.

    Raises:
        OSError, ValueError: if the file can't be read.
    """
    synonyms = read_wordnet()
    if word_vectors:
        words = {word for group in data.test_groups for text in group for word in text.split()}
        path = Path(word_vectors)
        vectors = read_word_vectors(path, words=words | set(data.vocabulary.words))
        source = path.name
    else:
        vectors, source = learn_word_vectors(data.texts), f"PPMI + SVD on {data.name}"
    return {
        "bleu": BLEU_METRIC,
        "meteor": meteor_metric(synonyms=synonyms),
        "emb_greedy": greedy_metric(vectors, source=source),
        "ter": TER_METRIC,
    }


def decode_and_score(
    network: Paraphraser,
    data: ParaphraseData,
    metrics: Mapping[str, CorpusMetric],
    *,
    beam: int,
    max_length: int,
    length_penalty: float,
) -> Decoded:
    """Paraphrases the test sources, shared out among the workers, and scores them against all references.

    Every worker must call this with the same data.
    """
    part = slice_of(len(data.test_groups))
    groups = data.test_groups[part]
    texts: list[str] = []
    if groups:
        sources = subset(data.test.sources, torch.arange(part.start, part.stop))
        found = generate(network, sources, beam=beam, max_length=max_length, length_penalty=length_penalty)
        texts = [best[0] for best in as_words(found, data.vocabulary.words)]
    references = [group[1:] for group in groups]
    tables = {
        key: _gathered(metric, texts, references, count=len(data.test_groups), part=part)
        for key, metric in metrics.items()
    }
    names = {key: metric.name for key, metric in metrics.items()}
    return Decoded(paraphrases=texts, statistics=tables, names=names)


def _gathered(
    metric: CorpusMetric,
    texts: Sequence[str],
    references: Sequence[Sequence[str]],
    *,
    count: int,
    part: slice,
) -> Floats:
    mine = torch.from_numpy(metric.statistics(texts, references)) if texts else None
    columns = metric.statistics(["a"], [["a"]]).shape[1]
    table = torch.zeros(count, columns, dtype=torch.float64)
    if mine is not None:
        table[part] = mine
    gathered: Floats = all_sum(table).numpy()
    return gathered
