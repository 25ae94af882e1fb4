"""Beam search over many sentences at once (sections 7.2.1 and 7.4.2; Sutskever, Vinyals and Le 2014).

Every sentence keeps up to ``beam`` unfinished hypotheses. At each step the ``beam`` best continuations of all
of them are kept; those that end the sentence leave the beam and are finished, the others go on. Beam 1 is
greedy search. Since log probabilities only fall, a hypothesis that can no longer become one of its sentence's
``num_best`` leaves too, and with its last one the sentence: what the model computes is only what can still
matter, and the result is the same.

Where the dissertation is silent:
- a hypothesis has at most ``max_length`` words; after that many only the end can follow, and counts;
- hypotheses are compared by log probability / (words + 1) ** ``length_penalty``. The default 0 compares
  plain log probabilities, as the dissertation's "maximum score over the length of the sequence" does.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

import torch
from torch import Tensor

State = TypeVar("State")

_NEVER = float("-inf")


class Decoder(Protocol[State]):
    """What beam search asks of a model, whose state has a row for every hypothesis."""

    def step(self, tokens: Tensor, state: State) -> tuple[Tensor, State]:
        """Returns the unnormalised log probabilities (R, V) after the last tokens (R,), and the state."""

    def select(self, state: State, rows: Tensor) -> State:
        """Returns the state of some rows (R',), any of them once, several times or not at all."""


@dataclass(frozen=True, kw_only=True)
class Hypotheses:
    """The best outputs of every sentence, best first."""

    tokens: Tensor  # (S, num_best, max_length) int64 without the end mark, filled up with 0
    lengths: Tensor  # (S, num_best) int64, words
    scores: Tensor  # (S, num_best), as compared; -inf where the search found fewer


@dataclass
class _Search:
    """The sentences that are still searched (S of them), and what is finished of each."""

    sentences: Tensor  # (S,) their numbers
    scores: Tensor  # (S, K) log probabilities of the hypotheses, -inf where there is none any more
    words: Tensor  # (S, K, max_length)
    done: Hypotheses


@torch.inference_mode()
def beam_search(
    decoder: Decoder[State],
    state: State,
    *,
    num_sentences: int,
    beam: int,
    max_length: int,
    start: int,
    end: int,
    num_best: int = 1,
    length_penalty: float = 0.0,
    never: Sequence[int] = (),
    device: torch.device | None = None,
) -> Hypotheses:
    """Returns the best outputs of every sentence.

    Args:
        decoder: the model.
        state: its state before the first word, a row per sentence.
        num_sentences: S.
        beam: hypotheses kept per sentence.
        max_length: most words of an output.
        start: token before the first word.
        end: token after the last word.
        num_best: outputs per sentence, at most ``beam``.
        length_penalty: exponent of the length that a score is divided by; 0 divides by nothing.
        never: tokens that are never put out.
        device: where the decoder computes.

    Raises:
        ValueError: if a size is out of its range.
    """
    if not 1 <= num_best <= beam or max_length < 1 or num_sentences < 1 or length_penalty < 0:
        raise ValueError(
            f"num_best must be in 1..beam, max_length and num_sentences at least 1, and length_penalty >= 0,"
            f" got {num_best=} {beam=} {max_length=} {num_sentences=} {length_penalty=}"
        )
    result = _nothing(num_sentences, num_best, max_length, device)
    search = _Search(
        sentences=torch.arange(num_sentences, device=device),
        scores=torch.zeros(num_sentences, 1, device=device),
        words=torch.zeros(num_sentences, 1, max_length, dtype=torch.int64, device=device),
        done=_nothing(num_sentences, num_best, max_length, device),
    )
    tokens = torch.full((num_sentences, 1), start, device=device)
    for step in range(max_length + 1):
        is_live = search.scores > _NEVER
        rows = _numbered(is_live)
        logits, state = decoder.step(tokens[is_live], state)
        # At the last step only the end may follow, but it is no more probable for that.
        only = end if step == max_length else None
        scores, beams, tokens = _best(search.scores, logits, is_live, beam=beam, never=never, only=only)
        search.words = search.words.gather(1, beams[:, :, None].expand(-1, -1, max_length))
        is_end = tokens == end
        _finish(search, scores.masked_fill(~is_end, _NEVER), length=step, length_penalty=length_penalty)
        if step == max_length:
            break
        search.words[:, :, step] = tokens
        # The longest continuation is divided by most, so that this is the best that can become of each.
        bound = scores / (max_length + 1) ** length_penalty
        search.scores = scores.masked_fill(is_end | (bound <= search.done.scores[:, -1:]), _NEVER)
        is_going = search.scores > _NEVER
        state = decoder.select(state, rows.gather(1, beams)[is_going])
        going = is_going.any(1)
        if not going.all():
            _store(result, search)
            if not going.any():
                return result
            search, tokens = _rest(search, going), tokens[going]
    _store(result, search)
    return result


def _numbered(is_live: Tensor) -> Tensor:
    """Returns the row of the decoder's state that each hypothesis (S, K) has."""
    return is_live.flatten().cumsum(0).reshape(is_live.shape) - 1


def _nothing(sentences: int, num_best: int, max_length: int, device: torch.device | None) -> Hypotheses:
    return Hypotheses(
        tokens=torch.zeros(sentences, num_best, max_length, dtype=torch.int64, device=device),
        lengths=torch.zeros(sentences, num_best, dtype=torch.int64, device=device),
        scores=torch.full((sentences, num_best), _NEVER, device=device),
    )


def _best(
    scores: Tensor,
    logits: Tensor,
    is_live: Tensor,
    *,
    beam: int,
    never: Sequence[int],
    only: int | None,
) -> tuple[Tensor, Tensor, Tensor]:
    """Returns scores, beams and tokens (S, K') of the best continuations, best first.

    A continuation that is among the best of all is among the best of its own hypothesis, so that the
    vocabulary is searched once per row and the rest is a choice among K * K.
    """
    logs = logits.float().log_softmax(-1)
    if only is not None:
        found = logs[:, only : only + 1]
        numbers = torch.full_like(found, only, dtype=torch.int64)
    else:
        if never:
            logs[:, list(never)] = _NEVER
        found, numbers = logs.topk(min(beam, logs.shape[-1]), dim=-1)
    shape = (*scores.shape, found.shape[-1])
    candidates = scores.new_full(shape, _NEVER)
    candidates[is_live] = scores[is_live][:, None] + found
    tokens = numbers.new_zeros(shape)
    tokens[is_live] = numbers
    best, places = candidates.flatten(1).topk(min(beam, shape[1] * shape[2]), dim=-1)
    return best, places // shape[2], tokens.flatten(1).gather(1, places)


def _finish(search: _Search, scores: Tensor, *, length: int, length_penalty: float) -> None:
    """Merges the hypotheses that end now, with ``length`` words, into what is finished."""
    done = search.done
    num_best = done.scores.shape[1]
    compared = scores / (length + 1) ** length_penalty
    best, places = torch.cat((done.scores, compared), 1).topk(num_best, dim=1)
    lengths = torch.cat((done.lengths, torch.full_like(compared, length, dtype=torch.int64)), 1)
    words = torch.cat((done.tokens, search.words), 1)
    search.done = Hypotheses(
        tokens=words.gather(1, places[:, :, None].expand(-1, -1, words.shape[2])),
        lengths=lengths.gather(1, places),
        scores=best,
    )


def _rest(search: _Search, going: Tensor) -> _Search:
    done = search.done
    return _Search(
        sentences=search.sentences[going],
        scores=search.scores[going],
        words=search.words[going],
        done=Hypotheses(tokens=done.tokens[going], lengths=done.lengths[going], scores=done.scores[going]),
    )


def _store(result: Hypotheses, search: _Search) -> None:
    for name in ("tokens", "lengths", "scores"):
        getattr(result, name)[search.sentences] = getattr(search.done, name)
    is_found = result.scores > _NEVER
    result.tokens.mul_(is_found[:, :, None])
    result.lengths.mul_(is_found)
