"""Hashing of keys: which articles share words with a note, found before any of them is embedded.

Miller et al., "Key-Value Memory Networks for Directly Reading Documents", EMNLP 2016, section 3.1: an
inverted index over the words of the keys. Deviation: articles are ordered by the summed inverse document
frequency of the words they share with the note, instead of taking all that share any rare word, so that
every note has the same number of slots.
"""

import numpy as np
import torch
from scipy.sparse import csr_matrix
from torch import Tensor

_CHUNK = 512  # notes scored at a time, so that memory stays at _CHUNK x M numbers
NO_SLOT = -1


class KeyIndex:
    """An inverted index from words to articles."""

    def __init__(self, key_words: Tensor, *, vocabulary_size: int) -> None:
        """Indexes keys (M, L) of word numbers, 0 for padding."""
        present = _word_sets(key_words, vocabulary_size)
        frequency = np.asarray(present.sum(0)).ravel()
        weights = np.where(frequency > 0, np.log((1 + present.shape[0]) / (1 + frequency)) + 1e-6, 0.0)
        self.num_keys = present.shape[0]
        self._weighted = csr_matrix(present.multiply(weights[None, :])).T.tocsr()
        self._vocabulary_size = vocabulary_size

    def retrieve(self, note_words: Tensor, *, num_slots: int) -> Tensor:
        """Returns the best articles of each note, (N, num_slots) int64, best first, ties by number.

        A note that shares words with fewer articles has -1 in the places left over.
        """
        num_slots = min(num_slots, self.num_keys)
        found = [self._chunk(part, num_slots) for part in note_words.cpu().split(_CHUNK)]
        return torch.cat(found) if found else torch.empty(0, num_slots, dtype=torch.int64)

    def _chunk(self, note_words: Tensor, num_slots: int) -> Tensor:
        notes = _word_sets(note_words, self._vocabulary_size)
        scores = np.asarray((notes @ self._weighted).todense())
        order = np.argsort(-scores, axis=1, kind="stable")[:, :num_slots]
        best = np.take_along_axis(scores, order, axis=1)
        return torch.from_numpy(np.where(best > 0, order, NO_SLOT).astype(np.int64))


def _word_sets(words: Tensor, vocabulary_size: int) -> csr_matrix:
    """Returns (N, V) with 1 where a row has the word at least once."""
    rows, columns = np.nonzero(words.numpy())
    numbers = words.numpy()[rows, columns]
    shape = (len(words), vocabulary_size)
    present = csr_matrix((np.ones(len(rows), dtype=np.float32), (rows, numbers)), shape=shape)
    present.sum_duplicates()
    present.data[:] = 1.0
    return present
