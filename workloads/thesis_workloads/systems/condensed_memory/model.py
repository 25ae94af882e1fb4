"""The four memory networks of chapter 8: end-to-end, key-value, averaged and condensed.

Prakash et al., "Condensed Memory Networks for Clinical Diagnostic Inferencing", AAAI 2017; end-to-end after
Sukhbaatar et al., NeurIPS 2015, key-value after Miller et al., EMNLP 2016. Words are summed (section 8.4.4);
A, B and C are the same in all hops. Deviations and readings:
- The dissertation names three sizes, 500 for all embeddings, 300 for a memory slot and 32 for titles, but eq. 8.2
  and 8.3 add and multiply them: each bag of words is followed by a linear map to the slot's size.
- Key-value networks have a matrix per hop in Miller et al. that eq. 8.3 does not have: left out in all four,
  so that the averaged network has exactly the parameters of the key-value one.
- Section 8.4 concatenates W(u + o) with the condensed state and predicts from both; eq. 8.5 predicts from the
  condensed state alone. The condensed network does the first, with a W of the slot's size that starts as the
  condensing matrices do, and ``response="condensed"`` does the second. The averaged network predicts from its
  average alone, since it has no parameter more than the key-value one (section 8.4.2), and the two networks
  without a condensed state predict from the last state u + o.
- The end-to-end network reads titles and pages as one text, embedded once as keys and once as values.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from thesis_workloads.systems.condensed_memory.addressing import GatedAddressing, products, read, weights_of
from thesis_workloads.systems.condensed_memory.retrieval import NO_SLOT, KeyIndex
from thesis_workloads.systems.condensed_memory.states import (
    averaged,
    condensations,
    condensed_dim,
    condensing_matrix,
    next_state,
)

MODELS = ("memnn", "key-value", "averaged", "condensed")
RESPONSES = ("concatenated", "condensed")
EMBEDDING_STD = 0.1  # of the initial embeddings (Sukhbaatar et al., section 4.2)


@dataclass(frozen=True)
class Trace:
    """Everything that happened to a batch of notes."""

    logits: Tensor  # (B, R), before the sigmoid of equation 8.5
    scores: tuple[Tensor, ...]  # per hop (B, M) or (B, S), before softmax or sigmoid
    weights: tuple[Tensor, ...]  # per hop, the addressing of equation 8.2
    states: tuple[Tensor, ...]  # u, (B, K), before the first hop and after each
    response: Tensor  # what the output layer saw, before dropout
    slots: Tensor | None  # (B, S) articles of the slots, -1 for none; None where all M are slots in order
    is_slot: Tensor | None  # (B, S), False where `slots` is -1


class BagOfWords(nn.Module):
    """The sum (or mean) of the embeddings of a text's words, mapped to the size of a slot."""

    def __init__(self, *, vocabulary_size: int, embedding_dim: int, slot_dim: int, bag: str) -> None:
        super().__init__()
        self.words = nn.EmbeddingBag(vocabulary_size, embedding_dim, mode=bag)
        nn.init.normal_(self.words.weight, std=EMBEDDING_STD)
        self.project = nn.Linear(embedding_dim, slot_dim, bias=False)

    def forward(self, words: Tensor) -> Tensor:
        """Returns (N, K) for texts (N, L) of word numbers; padding (0) counts nothing, nor does a text of it."""
        is_word = words > 0
        lengths = is_word.sum(1)
        starts = lengths.cumsum(0) - lengths
        embedded: Tensor = self.project(self.words(words[is_word], starts))
        return embedded


class MemoryNetwork(nn.Module):
    """A network that reads notes with a memory of articles, which it holds as word numbers."""

    key_words: Tensor
    value_words: Tensor

    def __init__(
        self,
        model: str,
        *,
        article_words: Tensor,
        title_words: Tensor,
        vocabulary_size: int,
        num_labels: int,
        hops: int,
        addressing: str,
        keys: str = "pages",
        condensation: str = "halves",
        condensing_init: str = "orthogonal",
        response: str = "concatenated",
        hash_keys: int = 0,
        bag: str = "sum",
        embedding_dim: int,
        slot_dim: int,
        title_dim: int,
        gate_dim: int,
        dropout: float,
    ) -> None:
        super().__init__()
        if model not in MODELS:
            raise ValueError(f"model must be one of {', '.join(MODELS)}, got {model=}")
        if keys not in ("pages", "titles"):
            raise ValueError(f"keys must be pages or titles, got {keys=}")
        if response not in RESPONSES:
            raise ValueError(f"response must be one of {', '.join(RESPONSES)}, got {response=}")
        self.model, self.hops, self.addressing, self.hash_keys = model, hops, addressing, hash_keys
        pair = (article_words, title_words) if keys == "pages" else (title_words, article_words)
        if model == "memnn":
            pair = (torch.cat((title_words, article_words), 1),) * 2
        self.register_buffer("key_words", pair[0], persistent=False)
        self.register_buffer("value_words", pair[1], persistent=False)
        self.index = KeyIndex(pair[0], vocabulary_size=vocabulary_size) if hash_keys else None
        value_dim = embedding_dim if model == "memnn" else title_dim

        def make_bag(size: int) -> BagOfWords:
            return BagOfWords(vocabulary_size=vocabulary_size, embedding_dim=size, slot_dim=slot_dim, bag=bag)

        self.notes, self.keys, self.values = (
            make_bag(embedding_dim),
            make_bag(embedding_dim),
            make_bag(value_dim),
        )
        num_slots = min(hash_keys, len(article_words)) if hash_keys else len(article_words)
        self.gate = (
            GatedAddressing(slot_dim=slot_dim, gate_dim=gate_dim, num_slots=num_slots)
            if addressing == "gated"
            else None
        )
        is_condensed = model == "condensed"
        self.condense = (
            condensations(slot_dim=slot_dim, hops=hops, condensation=condensation, init=condensing_init)
            if is_condensed
            else None
        )
        self.transform = (
            condensing_matrix(slot_dim, slot_dim, init=condensing_init)  # W
            if is_condensed and response == "concatenated"
            else None
        )
        response_dim = condensed_dim(slot_dim, condensation) if is_condensed else slot_dim
        response_dim += 0 if self.transform is None else slot_dim
        self.drop = nn.Dropout(dropout)
        self.out = nn.Linear(response_dim, num_labels)

    def forward(self, notes: Tensor) -> Tensor:
        """Returns logits (B, R) for notes (B, L) of word numbers, 0 for padding."""
        return self.trace(notes).logits

    def trace(self, notes: Tensor, slots: Tensor | None = None) -> Trace:
        """Returns everything about notes (B, L).

        ``slots`` (B, S) names each note's articles, -1 for none; where keys are hashed and it is not
        given, the articles are looked up.
        """
        if slots is None and self.index is not None:
            slots = self.index.retrieve(notes, num_slots=self.hash_keys).to(notes.device)
        keys, values = self._memory(slots)
        is_slot = None if slots is None else slots != NO_SLOT
        states, scores, weights = [self.notes(notes)], [], []
        for _ in range(self.hops):
            state = states[-1]
            scores.append(products(state, keys) if self.gate is None else self.gate(state, keys))
            weights.append(weights_of(scores[-1], addressing=self.addressing, is_slot=is_slot))
            states.append(next_state(state, read(weights[-1], values)))
        response = self._response(states)
        return Trace(
            logits=self.out(self.drop(response)),
            scores=tuple(scores),
            weights=tuple(weights),
            states=tuple(states),
            response=response,
            slots=slots,
            is_slot=is_slot,
        )

    def _memory(self, slots: Tensor | None) -> tuple[Tensor, Tensor]:
        """Returns keys and values, (M, K) or (B, S, K); every article is embedded once, however many read it."""
        if slots is None:
            return self.keys(self.key_words), self.values(self.value_words)
        used, places = slots.clamp(min=0).unique(return_inverse=True)
        keys, values = self.keys(self.key_words[used]), self.values(self.value_words[used])
        return keys[places], values[places]

    def _response(self, states: list[Tensor]) -> Tensor:
        if self.model == "averaged":
            return averaged(states)
        if self.condense is None:
            return states[-1]
        condensed = states[0]
        for condense, state in zip(self.condense, states[1:], strict=True):
            condensed = condense(state, condensed)
        if self.transform is None:
            return condensed
        return torch.cat((self.transform(states[-1]), condensed), 1)
