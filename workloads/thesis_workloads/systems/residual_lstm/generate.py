"""Paraphrases of many sentences by beam search, longest sources first and in the order they came."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from thesis_workloads.systems.residual_lstm.model import END, PAD, UNK, Memory, Paraphraser
from thesis_workloads.text.batching import sorted_batches
from thesis_workloads.text.beam_search import Hypotheses, beam_search
from thesis_workloads.text.sentences import Sentences, padded_rows

HYPOTHESES_PER_BATCH = 640  # sentences of a batch times the beam


@dataclass(frozen=True)
class _Carried:
    """The decoder's state, a row per hypothesis; what it keeps of the sources has a row per source."""

    hidden: Tensor  # (L, R, H)
    cell: Tensor  # (L, R, H)
    memory: Memory
    source: Tensor  # (R,) the source of every hypothesis


class BeamDecoder:
    """`Paraphraser` as `beam_search` asks for it."""

    def __init__(self, network: Paraphraser) -> None:
        self._network = network

    def start(self, source: Tensor, lengths: Tensor) -> _Carried:
        """Returns the state before the first word, one hypothesis per source."""
        (hidden, cell), memory = self._network.encode(source, lengths)
        return _Carried(hidden, cell, memory, torch.arange(len(source), device=source.device))

    def step(self, tokens: Tensor, state: _Carried) -> tuple[Tensor, _Carried]:
        """Returns unnormalised log probabilities (R, V) and the state after the tokens (R,)."""
        memory = _of_sources(state.memory, state.source)
        logits, (hidden, cell) = self._network.decode(tokens[:, None], (state.hidden, state.cell), memory)
        return logits[:, 0], replace(state, hidden=hidden, cell=cell)

    def select(self, state: _Carried, rows: Tensor) -> _Carried:
        """Returns the state of some rows."""
        return replace(
            state, hidden=state.hidden[:, rows], cell=state.cell[:, rows], source=state.source[rows]
        )


def _of_sources(memory: Memory, source: Tensor) -> Memory:
    """Returns the memory with a row per hypothesis, where there is attention to read it."""
    if memory.outputs is None or memory.keys is None:
        return memory
    return Memory(memory.outputs[source], memory.keys[source], memory.is_word[source])


def generate(
    network: Paraphraser,
    sources: Sentences,
    *,
    beam: int,
    max_length: int,
    num_best: int = 1,
    length_penalty: float = 0.0,
    with_unknown: bool = True,
) -> Hypotheses:
    """Returns the best paraphrases of every source, on the CPU, in the sources' order.

    Args:
        network: left in the mode it was in; dropout is off meanwhile.
        sources: at least one word each.
        beam: hypotheses per sentence.
        max_length: most words of a paraphrase.
        num_best: paraphrases per source.
        length_penalty: see `beam_search`.
        with_unknown: whether the mark for unknown words may be put out.
    """
    device = next(network.parameters()).device
    was_training = network.training
    network.eval()
    decoder = BeamDecoder(network)
    result = Hypotheses(
        tokens=torch.zeros(len(sources), num_best, max_length, dtype=torch.int64),
        lengths=torch.zeros(len(sources), num_best, dtype=torch.int64),
        scores=torch.full((len(sources), num_best), float("-inf")),
    )
    for chosen in sorted_batches(sources.lengths, batch_size=max(1, HYPOTHESES_PER_BATCH // beam)):
        rows, lengths = padded_rows(sources, chosen)
        with torch.inference_mode():
            state = decoder.start(rows.to(device), lengths)
        found = beam_search(
            decoder,
            state,
            num_sentences=len(chosen),
            beam=beam,
            max_length=max_length,
            start=END,
            end=END,
            num_best=num_best,
            length_penalty=length_penalty,
            never=(PAD,) if with_unknown else (PAD, UNK),
            device=device,
        )
        for name in ("tokens", "lengths", "scores"):
            getattr(result, name)[chosen] = getattr(found, name).cpu()
    network.train(was_training)
    return result


def as_words(hypotheses: Hypotheses, words: Sequence[str]) -> list[list[str]]:
    """Returns the paraphrases of every source as texts, best first; ones that were not found are left out."""
    texts = []
    for tokens, lengths, scores in zip(
        hypotheses.tokens.tolist(), hypotheses.lengths.tolist(), hypotheses.scores.tolist(), strict=True
    ):
        found = [
            " ".join(words[number] for number in row[:length])
            for row, length, score in zip(tokens, lengths, scores, strict=True)
            if score > float("-inf")
        ]
        texts.append(found)
    return texts
