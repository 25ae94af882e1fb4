"""A trained paraphrase model, found among the runs and used on one's own sentences; needs no Ray."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from thesis.execution.storage.checkpoints import newest_state
from thesis.execution.storage.run_folder import RunFolder, find_run, load_plan, runs_of
from thesis.tracking.journal import read_events
from thesis.tracking.records import TrialRecord, read_records
from thesis_workloads.contract.errors import UserError
from thesis_workloads.contract.experiment import Experiment
from thesis_workloads.contract.reporter import State
from thesis_workloads.systems.residual_lstm.experiment import RESIDUAL_LSTM

if TYPE_CHECKING:
    from thesis_workloads.systems.residual_lstm.model import Paraphraser

SYSTEM: Experiment = RESIDUAL_LSTM


@dataclass(frozen=True, kw_only=True)
class TrainedParaphraser:
    """A network with its words, and where it comes from."""

    run: str
    trial: str
    network: "Paraphraser"
    words: tuple[str, ...]  # by number
    config: Any


@dataclass(frozen=True, kw_only=True)
class Paraphrases:
    """What the model makes of one sentence."""

    source: str  # as the model reads it: lower case, without punctuation
    unknown: tuple[str, ...]  # words of it that the model has never seen
    texts: tuple[str, ...]  # best first; none for a sentence without a word
    scores: tuple[float, ...]  # log probabilities, nats


def load_paraphraser(output_dir: Path, run: str | None) -> TrainedParaphraser:
    """Returns the best trial of a run, or of the newest run that left a trained model.

    The best trial is the one with the lowest perplexity on the held-out part, as last reported.

    Raises:
        UserError: if there is no such run, it is of another system, or it left no model.
    """
    from thesis_workloads.systems.residual_lstm.train import load_model

    folder, record, state = _find(output_dir, run)
    config = SYSTEM.config(**record.config)
    try:
        network, words = load_model(config, state)
    except (ValueError, KeyError, RuntimeError) as error:
        raise UserError(f"{folder.name} was made by another version: {error}") from error
    return TrainedParaphraser(
        run=folder.name, trial=record.trial_id, network=network, words=words, config=config
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


def _find(output_dir: Path, run: str | None) -> tuple[RunFolder, TrialRecord, State]:
    if run is not None:
        folder = find_run(output_dir, run)
        if load_plan(folder).system != SYSTEM.name:
            raise UserError(f"{folder.name} is a run of {load_plan(folder).system}, not of {SYSTEM.name}")
        found = _best(folder)
        if found is None:
            raise UserError(f"{folder.name} has left no trained model yet (thesis resume {folder.name})")
        return folder, *found
    for folder in runs_of(output_dir, SYSTEM.name):
        found = _best(folder)
        if found is not None:
            return folder, *found
    raise UserError(
        f"no trained paraphrase model in {output_dir}: train one with thesis train {SYSTEM.name}, or name another"
        " --output-dir"
    )


def _best(folder: RunFolder) -> tuple[TrialRecord, State] | None:
    if not folder.journal.exists():
        return None
    records = [record for record in read_records(read_events(folder.journal)) if record.history]
    for record in sorted(records, key=_perplexity):
        state = newest_state(folder, record.trial_id)
        if state is not None:
            return record, state
    return None


def _perplexity(record: TrialRecord) -> float:
    return record.history[-1].get(SYSTEM.selection_metric, float("inf"))
