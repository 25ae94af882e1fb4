"""Greedy matching of word vectors (Rus and Lintean 2012; section 7.5.1), and where vectors come from.

Each word of one sentence is matched with the most similar word of the other; the similarities are averaged
over its words that have vectors, and the two directions over each other. The default compares by cosine, as
the method was published. ``variant="dot"`` is the released evaluation that the dissertation names: plain dot products
of the vectors as they are stored, never below 0. A sentence without any known word scores 0.
"""

import functools
import struct
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.linalg import svds

from thesis_workloads.metrics.generation import CorpusMetric, Floats, check_corpus, ratio_score

Vectors = Mapping[str, NDArray[np.float32]]

VARIANTS = ("cosine", "dot")


def greedy_metric(vectors: Vectors, *, source: str, variant: str = "cosine") -> CorpusMetric:
    """Returns the metric in 0..100 (cosine); its name says the variant and where the vectors come from.

    Raises:
        ValueError: if there is no such variant.
    """
    if variant not in VARIANTS:
        raise ValueError(f"variant must be one of {', '.join(VARIANTS)}, got {variant=}")
    return CorpusMetric(
        name=f"Emb Greedy ({variant}, {source})",
        higher_is_better=True,
        statistics=functools.partial(greedy_statistics, vectors=vectors, variant=variant),
        score=ratio_score,
    )


def greedy_statistics(
    hypotheses: Sequence[str],
    references: Sequence[Sequence[str]],
    *,
    vectors: Vectors,
    variant: str = "cosine",
) -> Floats:
    """Returns the similarity to the best reference and 1, (N, 2)."""
    check_corpus(hypotheses, references)
    rows = [
        (max(greedy_similarity(hypothesis, each, vectors=vectors, variant=variant) for each in group), 1.0)
        for hypothesis, group in zip(hypotheses, references, strict=True)
    ]
    return np.array(rows, dtype=np.float64)


def greedy_similarity(first: str, second: str, *, vectors: Vectors, variant: str = "cosine") -> float:
    """Returns the mean of both directions; -1..1 for cosine."""
    tables = [[vectors[word] for word in text.split() if word in vectors] for text in (first, second)]
    if not tables[0] or not tables[1]:
        return 0.0
    one, other = (np.stack(table).astype(np.float64) for table in tables)
    if variant == "cosine":
        one, other = (table / np.linalg.norm(table, axis=1, keepdims=True) for table in (one, other))
    similarity = one @ other.T
    if variant == "dot":
        similarity = np.maximum(similarity, 0)
    return float((similarity.max(1).mean() + similarity.max(0).mean()) / 2)


def read_word_vectors(path: Path, *, words: Iterable[str] | None = None) -> dict[str, NDArray[np.float32]]:
    """Returns the vectors of a word2vec file (binary or text) or a GloVe file, of some words or of all.

    A vector of zeros, which has no direction, is left out.

    Raises:
        ValueError: if the file is of another form.
    """
    wanted = None if words is None else set(words)
    with path.open("rb") as file:
        first = file.readline()
    header = first.split()
    has_header = len(header) == 2 and all(part.isdigit() for part in header)
    if has_header and path.suffix == ".bin":
        found = _read_binary(path, wanted, size=int(header[1]), count=int(header[0]))
    else:
        found = _read_text(path, wanted, skip=int(has_header))
    return {word: vector for word, vector in found.items() if vector.any()}


def learn_word_vectors(
    sentences: Iterable[str], *, dimensions: int = 50, window: int = 4, min_count: int = 2
) -> dict[str, NDArray[np.float32]]:
    """Returns vectors of the words of some sentences: positive pointwise mutual information, then SVD.

    The dissertation's vectors were trained on news; these are only as good as the task's own text. Two words
    count as together within ``window`` words of each other (Levy and Goldberg 2014).

    Raises:
        ValueError: if there are too few words.
    """
    texts = [sentence.split() for sentence in sentences]
    counts = Counter(word for text in texts for word in text)
    words = sorted(word for word, count in counts.items() if count >= min_count)
    if len(words) <= dimensions:
        raise ValueError(f"words must be more than the dimensions, got {len(words)=} {dimensions=}")
    table = _together(texts, {word: number for number, word in enumerate(words)}, window)
    start = np.random.default_rng(0).standard_normal(len(words))
    left, values, _ = svds(table, k=dimensions, v0=start)
    # A singular vector's sign is arbitrary; similarities do not depend on it.
    vectors = (left * np.sqrt(values)).astype(np.float32)
    return {word: vector for word, vector in zip(words, vectors, strict=True) if vector.any()}


def _together(texts: list[list[str]], numbers: dict[str, int], window: int) -> coo_matrix:
    pairs: Counter[tuple[int, int]] = Counter()
    for text in texts:
        row = [numbers[word] for word in text if word in numbers]
        for place, number in enumerate(row):
            for other in row[place + 1 : place + 1 + window]:
                pairs[number, other] += 1
                pairs[other, number] += 1
    rows, columns = np.array(list(pairs)).T
    values = np.array(list(pairs.values()), dtype=np.float64)
    sums = np.bincount(rows, weights=values, minlength=len(numbers))
    information = np.log(values * values.sum() / (sums[rows] * sums[columns]))
    is_positive = information > 0
    return coo_matrix(
        (information[is_positive], (rows[is_positive], columns[is_positive])),
        shape=(len(numbers), len(numbers)),
    ).tocsr()


def _read_text(path: Path, wanted: set[str] | None, *, skip: int) -> dict[str, NDArray[np.float32]]:
    found: dict[str, NDArray[np.float32]] = {}
    size = 0
    with path.open(encoding="utf-8", errors="replace") as lines:
        for number, line in enumerate(lines, start=1):
            if number <= skip:
                continue
            word, *values = line.rstrip().split(" ")
            size = size or len(values)
            if len(values) != size or not values:
                raise ValueError(f"{path}:{number} must be a word and {size} numbers, got {line[:60]!r}")
            if wanted is None or word in wanted:
                found[word] = np.array(values, dtype=np.float32)
    return found


def _read_binary(
    path: Path, wanted: set[str] | None, *, size: int, count: int
) -> dict[str, NDArray[np.float32]]:
    found: dict[str, NDArray[np.float32]] = {}
    width = struct.calcsize("<f") * size
    with path.open("rb") as file:
        file.readline()
        for number in range(count):
            word = _word_before_space(file.read)
            content = file.read(width)
            if len(content) != width:
                raise ValueError(f"{path} must hold {count} vectors, got {number}")
            if wanted is None or word in wanted:
                found[word] = np.frombuffer(content, dtype="<f4").astype(np.float32)
    return found


def _word_before_space(read: Callable[[int], bytes]) -> str:
    letters = bytearray()
    while (letter := read(1)) not in (b" ", b""):
        if letter != b"\n":
            letters += letter
    return letters.decode("utf-8", errors="replace")
