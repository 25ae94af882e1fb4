"""What a run trains on: numbered sentences of the three parts, and the vocabulary of the training part."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from thesis_workloads.datasets.text.pair_lines import Pair
from thesis_workloads.datasets.text.paraphrases import Group, load_paraphrases
from thesis_workloads.systems.residual_lstm.config import ResidualLSTMConfig
from thesis_workloads.text.sentences import Sentences, join
from thesis_workloads.text.vocabulary import PADDING, UNKNOWN, Vocabulary, build_vocabulary, numbers_of

END_MARK = "<eos>"
MARKS = (PADDING, END_MARK, UNKNOWN)  # in the order of their numbers in residual_lstm.model

DATA_FIELDS = ("data", "num_train", "num_val", "num_test", "max_length", "vocabulary", "references")
"""Settings that the data depend on."""


@dataclass(frozen=True, kw_only=True)
class NumberedPairs:
    """Pairs of sentences, as numbers."""

    sources: Sentences
    targets: Sentences

    def __len__(self) -> int:
        """Returns the number of pairs."""
        return len(self.sources)


@dataclass(frozen=True, kw_only=True)
class ParaphraseData:
    """The three parts of one set."""

    train: NumberedPairs
    val: NumberedPairs
    test: NumberedPairs  # each test source with its first reference
    test_groups: list[Group]  # each test source and all its references, as words
    texts: list[str]  # training targets, as words: what word vectors are learned on
    vocabulary: Vocabulary
    name: str
    version: str
    digest: str
    counts: str  # what became of the lines of the files, in words


def load(
    config: ResidualLSTMConfig, data_dir: Path | None, *, prepared: Iterable[Pair] | None = None
) -> ParaphraseData:
    """Returns the data of a configuration; ``prepared`` as in `load_paraphrases`.

    Raises:
        DatasetMissing, DatasetDamaged, ValueError: as `load_paraphrases`.
    """
    splits = load_paraphrases(
        config.data,
        data_dir=data_dir,
        max_length=config.max_length,
        num_train=config.num_train,
        num_val=config.num_val,
        num_test=config.num_test,
        references=config.references,
        prepared=prepared,
    )
    counts = Counter(word for pair in splits.train for sentence in pair for word in sentence.split())
    vocabulary = build_vocabulary(counts, max_words=config.vocabulary, marks=MARKS)
    return ParaphraseData(
        train=number_pairs(splits.train, vocabulary),
        val=number_pairs(splits.val, vocabulary),
        test=number_pairs([(group[0], group[1]) for group in splits.test], vocabulary),
        test_groups=splits.test,
        texts=[target for _, target in splits.train],
        vocabulary=vocabulary,
        name=splits.name,
        version=splits.version,
        digest=splits.digest,
        counts=str(splits.counts),
    )


def number_pairs(pairs: list[Pair], vocabulary: Vocabulary) -> NumberedPairs:
    """Returns the pairs as numbers; words outside the vocabulary become the mark for unknown words."""
    return NumberedPairs(
        sources=join(numbers_of(source.split(), vocabulary) for source, _ in pairs),
        targets=join(numbers_of(target.split(), vocabulary) for _, target in pairs),
    )
