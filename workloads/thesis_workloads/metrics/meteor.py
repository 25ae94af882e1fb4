"""METEOR as of Lavie and Agarwal (WMT 2007), the version the dissertation cites: own implementation.

Words are aligned in stages, each over what the stages before left: the same word, the same stem, a common
synonym. A stage makes as many links as it can; among those, as few chunks as it can. With matches m, P = m /
words of the hypothesis, R = m / words of the reference and c chunks:

    F = P R / (alpha P + (1 - alpha) R),   penalty = gamma (c / m) ** beta,   score = F (1 - penalty)

alpha, beta, gamma = 0.81, 0.83, 0.28 as published for English in 2007, or 0.9, 3, 0.5 as of Banerjee and
Lavie (2005). A corpus is scored by the sums of m, c and the lengths; of several references each sentence
counts the one that scores best. Later versions (1.5, paraphrase tables) give other values by up to ten
points, so the name goes into every table. Stems are Snowball's. Synonyms are looked up for the words, not
for their stems. The search for the fewest chunks keeps the `SEARCH_WIDTH` best alignments.
"""

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import snowballstemmer  # type: ignore[import-untyped]

from thesis_workloads.metrics.generation import CorpusMetric, Floats, check_corpus

SEARCH_WIDTH = 64
WORDNET_FOLDERS = (Path("/usr/share/wordnet"), Path("/usr/share/wordnet/dict"))

Synonyms = Mapping[str, frozenset[int]]
"""Sets of synonyms that each word belongs to."""


@dataclass(frozen=True, kw_only=True)
class Parameters:
    """Weights of the formula."""

    name: str
    alpha: float  # of precision against recall
    beta: float  # shape of the penalty
    gamma: float  # largest penalty


PARAMETERS = {
    "2007": Parameters(name="METEOR 2007", alpha=0.81, beta=0.83, gamma=0.28),
    "2005": Parameters(name="METEOR 2005", alpha=0.9, beta=3.0, gamma=0.5),
}


@dataclass(frozen=True)
class _Path:
    """Links so far, while the hypothesis is walked from left to right."""

    links: tuple[int, ...]  # place in the reference of each word so far, -1 for none
    used: int  # places taken, as bits
    matches: int
    chunks: int


def meteor_metric(*, parameters: str = "2007", synonyms: Synonyms | None = None) -> CorpusMetric:
    """Returns the metric; its name says the parameters and the stages.

    Raises:
        ValueError: if there are no such parameters.
    """
    if parameters not in PARAMETERS:
        raise ValueError(f"parameters must be one of {', '.join(PARAMETERS)}, got {parameters=}")
    weights = PARAMETERS[parameters]
    stages = "exact, stem" + (", synonym" if synonyms else "")
    return CorpusMetric(
        name=f"{weights.name} (own, {stages})",
        higher_is_better=True,
        statistics=functools.partial(meteor_statistics, weights=weights, synonyms=synonyms or {}),
        score=functools.partial(meteor_score, weights=weights),
    )


def meteor_statistics(
    hypotheses: Sequence[str],
    references: Sequence[Sequence[str]],
    *,
    weights: Parameters = PARAMETERS["2007"],
    synonyms: Synonyms | None = None,
) -> Floats:
    """Returns matches, chunks and the lengths of hypothesis and best reference, (N, 4)."""
    check_corpus(hypotheses, references)
    stem = _new_stemmer()
    rows = []
    for hypothesis, group in zip(hypotheses, references, strict=True):
        words = hypothesis.split()
        found = [_row(words, reference.split(), stem=stem, synonyms=synonyms or {}) for reference in group]
        scores = meteor_score(np.array(found), weights=weights)
        rows.append(found[int(scores.argmax())])
    return np.array(rows, dtype=np.float64)


def meteor_score(sums: Floats, *, weights: Parameters = PARAMETERS["2007"]) -> Floats:
    """Returns METEOR in 0..100 of sums (..., 4)."""
    matches, chunks, length, reference = np.moveaxis(np.asarray(sums, dtype=np.float64), -1, 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        precision, recall = matches / length, matches / reference
        mean = precision * recall / (weights.alpha * precision + (1 - weights.alpha) * recall)
        penalty = weights.gamma * (chunks / matches) ** weights.beta
        found: Floats = np.where(matches > 0, 100 * mean * (1 - penalty), 0.0)
    return found


def align(
    hypothesis: Sequence[str],
    reference: Sequence[str],
    *,
    stem: Callable[[str], str] | None = None,
    synonyms: Synonyms | None = None,
) -> list[int]:
    """Returns the place in the reference that each word of the hypothesis is linked to, -1 for none."""
    stem = stem or _new_stemmer()
    links = [-1] * len(hypothesis)
    links = _stage(links, _equal(hypothesis, reference))
    if -1 in links:
        links = _stage(links, _equal([stem(word) for word in hypothesis], [stem(word) for word in reference]))
    if -1 in links and synonyms:
        links = _stage(links, _common(hypothesis, reference, synonyms))
    return links


def num_chunks(links: Sequence[int]) -> int:
    """Returns the fewest runs of linked words that are neighbours, in the same order, on both sides."""
    count, last_word, last_place = 0, -2, -2
    for word, place in enumerate(links):
        if place < 0:
            continue
        count += (word, place) != (last_word + 1, last_place + 1)
        last_word, last_place = word, place
    return count


def read_wordnet(folder: Path | None = None) -> Synonyms | None:
    """Returns the synonym sets of WordNet's index files, or None where it isn't on this machine.

    Raises:
        ValueError: if a line is not of an index.
    """
    places = WORDNET_FOLDERS if folder is None else (folder,)
    found = next((place for place in places if (place / "index.noun").is_file()), None)
    if found is None:
        return None
    sets: dict[str, set[int]] = {}
    for number, part in enumerate(("noun", "verb", "adj", "adv")):
        for line in (found / f"index.{part}").read_text(encoding="utf-8").splitlines():
            if not line.startswith(" "):
                word, offsets = _index_line(line)
                # Offsets are those of one file: the part of speech tells them apart.
                sets.setdefault(word, set()).update(4 * offset + number for offset in offsets)
    return {word: frozenset(numbers) for word, numbers in sets.items()}


def _index_line(line: str) -> tuple[str, list[int]]:
    fields = line.split()
    if len(fields) < 6 or not fields[2].isdecimal():
        raise ValueError(f"line must be of a WordNet index, got {line=}")
    return fields[0], [int(offset) for offset in fields[-int(fields[2]) :]]


def _row(
    words: list[str], reference: list[str], *, stem: Callable[[str], str], synonyms: Synonyms
) -> tuple[int, int, int, int]:
    links = align(words, reference, stem=stem, synonyms=synonyms)
    return sum(place >= 0 for place in links), num_chunks(links), len(words), len(reference)


def _new_stemmer() -> Callable[[str], str]:
    stemmer = snowballstemmer.stemmer("english")
    return functools.cache(lambda word: str(stemmer.stemWord(word)))


def _equal(hypothesis: Sequence[str], reference: Sequence[str]) -> list[list[int]]:
    places: dict[str, list[int]] = {}
    for place, word in enumerate(reference):
        places.setdefault(word, []).append(place)
    return [places.get(word, []) for word in hypothesis]


def _common(hypothesis: Sequence[str], reference: Sequence[str], synonyms: Synonyms) -> list[list[int]]:
    sets = [synonyms.get(word, frozenset()) for word in reference]
    return [
        [place for place, numbers in enumerate(sets) if not numbers.isdisjoint(synonyms.get(word, ()))]
        for word in hypothesis
    ]


def _stage(links: list[int], candidates: list[list[int]]) -> list[int]:
    """Returns the links with as many more as can be made to the candidates, in as few chunks as found."""
    taken = sum(1 << place for place in links if place >= 0)
    if _is_clear(candidates):
        return [
            each[0] if place < 0 and each and not taken >> each[0] & 1 else place
            for place, each in zip(links, candidates, strict=True)
        ]
    paths = [_Path((), taken, 0, 0)]
    for place, each in zip(links, candidates, strict=True):
        # Of paths that took the same places and end at the same one, only the best can become the best.
        grown: dict[tuple[int, int], _Path] = {}
        for path in paths:
            for option in [place] if place >= 0 else [-1, *(c for c in each if not path.used >> c & 1)]:
                new = _extended(path, option)
                key = (new.used, option)
                if key not in grown or new.chunks < grown[key].chunks:
                    grown[key] = new
        paths = sorted(grown.values(), key=_order)[:SEARCH_WIDTH]
    return list(min(paths, key=_order).links)


def _is_clear(candidates: list[list[int]]) -> bool:
    """Returns whether no word has a choice and no two words want the same place."""
    wanted = [place for each in candidates for place in each]
    return all(len(each) <= 1 for each in candidates) and len(set(wanted)) == len(wanted)


def _order(path: _Path) -> tuple[int, int]:
    return -path.matches, path.chunks


def _extended(path: _Path, option: int) -> _Path:
    if option < 0:
        return replace(path, links=(*path.links, -1))
    last = path.links[-1] if path.links else -1
    continues = last >= 0 and option == last + 1
    return _Path(
        (*path.links, option), path.used | 1 << option, path.matches + 1, path.chunks + (not continues)
    )
