"""Paraphrases of a user's sentences by a trained model; needs no Ray."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from thesis.execution.storage.trained_models import find_best_model
from thesis_workloads.contract.errors import UserError
from thesis_workloads.systems.residual_lstm.experiment import RESIDUAL_LSTM

if TYPE_CHECKING:
    from thesis_workloads.systems.residual_lstm.model import Paraphraser


@dataclass(frozen=True, kw_only=True)
class TrainedParaphraser:
    """A network with its words, and the trial that trained it."""

    run: str
    trial: str
    network: "Paraphraser"
    words: tuple[str, ...]  # by number
    config: Any


@dataclass(frozen=True, kw_only=True)
class Paraphrases:
    """The paraphrases of one sentence."""

    source: str  # as the model reads it: lower case, without punctuation
    unknown: tuple[str, ...]  # words of it that the model has never seen
    texts: tuple[str, ...]  # best first; none for a sentence without a word
    scores: tuple[float, ...]  # log probabilities, nats


def load_paraphraser(output_dir: Path, run: str | None) -> TrainedParaphraser:
    """Returns the model of the best trial: see `find_best_model`.

    Raises:
        UserError: if there is no such run, it is of another system, or it left no model.
    """
    from thesis_workloads.systems.residual_lstm.train import load_model

    found = find_best_model(RESIDUAL_LSTM, output_dir, run)
    try:
        network, words = load_model(found.config, found.state)
    except (ValueError, KeyError, RuntimeError) as error:
        raise UserError(f"{found.folder.name} was made by another version: {error}") from error
    return TrainedParaphraser(
        run=found.folder.name, trial=found.trial, network=network, words=words, config=found.config
    )


def paraphrase(
    model: TrainedParaphraser, sentences: Sequence[str], *, beam: int, top: int
) -> list[Paraphrases]:
    """Returns the ``top`` best paraphrases of every sentence, all decoded together.

    Raises:
        UserError: if more paraphrases than beams are asked for.
    """
    from thesis_workloads.systems.residual_lstm.generate import as_words, generate
    from thesis_workloads.text.sentences import join
    from thesis_workloads.text.tokens import split_words
    from thesis_workloads.text.vocabulary import Vocabulary, numbers_of

    if not 1 <= top <= beam:
        raise UserError(f"--top must be in 1..{beam} (--beam), got {top}")
    vocabulary = Vocabulary(model.words)
    split = [split_words(sentence) for sentence in sentences]
    places = [place for place, words in enumerate(split) if words]
    found: dict[int, Paraphrases] = {}
    if places:
        hypotheses = generate(
            model.network,
            join(numbers_of(split[place], vocabulary) for place in places),
            beam=beam,
            max_length=model.config.max_length,
            num_best=min(top + 1, beam),  # one of them may be no word at all, which paraphrases nothing
            length_penalty=model.config.length_penalty,
            with_unknown=False,
        )
        rows = zip(places, as_words(hypotheses, model.words), hypotheses.scores.tolist(), strict=True)
        found = {
            place: _answer(split[place], texts, scores, vocabulary, top) for place, texts, scores in rows
        }
    empty = Paraphrases(source="", unknown=(), texts=(), scores=())
    return [found.get(place, empty) for place in range(len(sentences))]


def _answer(
    words: list[str], texts: list[str], scores: list[float], vocabulary: Any, top: int
) -> Paraphrases:
    unknown = tuple(dict.fromkeys(word for word in words if word not in vocabulary.numbers))
    kept = [(text, score) for text, score in zip(texts, scores, strict=False) if text][:top]
    return Paraphrases(
        source=" ".join(words),
        unknown=unknown,
        texts=tuple(text for text, _ in kept),
        scores=tuple(score for _, score in kept),
    )
