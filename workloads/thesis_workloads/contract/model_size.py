"""How large a run is, counted from its configuration alone. Standard library only."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class ModelSize:
    """Counts of one run; a multiplication and an addition are two FLOP.

    An example is what a batch holds: an image, a note, a pair of sentences, a question. A trial that only classifies
    trains nothing, so all its classifications count as held out.
    """

    num_parameters: int  # that are trained and kept
    flops_per_example: float  # one forward pass
    activations_per_example: float  # values that the layers put out
    values_per_example: int  # that are held in memory, of 4 bytes
    num_train: int  # examples of an epoch
    num_val: float  # held-out examples of an epoch
