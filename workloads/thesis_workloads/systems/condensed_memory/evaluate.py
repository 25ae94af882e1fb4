"""Probabilities of a network's labels, and the metrics of section 8.5.2 with their trivial values."""

import torch
import torch.nn.functional as F
from torch import Tensor

from thesis_workloads.metrics.multilabel import (
    areas_under_curve,
    hamming_all_negative,
    hamming_loss,
    precision_at,
    precision_ceiling_at,
    recall_at,
)
from thesis_workloads.systems.condensed_memory.model import MemoryNetwork
from thesis_workloads.training.distributed import all_sum
from thesis_workloads.training.evaluation import slice_of

EVALUATION_BATCH = 256


def logits_of(network: MemoryNetwork, words: Tensor, slots: Tensor | None) -> Tensor:
    """Returns the logits (N, R) of all notes (N, L) on every worker; each computes a contiguous part.

    The network is left in the mode it was in.
    """
    was_training = network.training
    network.eval()
    part = slice_of(len(words))
    logits = torch.zeros(len(words), network.out.out_features, device=words.device)
    with torch.inference_mode():
        for start in range(part.start, part.stop, EVALUATION_BATCH):
            rows = slice(start, min(start + EVALUATION_BATCH, part.stop))
            logits[rows] = network.trace(words[rows], None if slots is None else slots[rows]).logits
    network.train(was_training)
    return all_sum(logits)


def scores(logits: Tensor, labels: Tensor) -> dict[str, float]:
    """Returns the metrics of logits (N, R) against labels (N, R), and what trivial predictions reach.

    ``loss`` is the cross entropy of the labels, summed over the labels and averaged over the notes.
    """
    probabilities = logits.sigmoid()
    areas = areas_under_curve(logits, labels)
    loss = F.binary_cross_entropy_with_logits(logits.double(), labels.double(), reduction="sum")
    return {
        "loss": float(loss) / len(labels),
        "auc": areas.macro,
        "auc_labels_counted": float(areas.num_counted),
        "auc_labels_left_out": float(areas.num_left_out),
        "precision_at_5": precision_at(logits, labels),
        "precision_at_5_ceiling": precision_ceiling_at(labels),
        "recall_at_5": recall_at(logits, labels),
        "hamming_loss": hamming_loss(probabilities, labels),
        "hamming_loss_all_negative": hamming_all_negative(labels),
    }


def by_frequency(train_labels: Tensor, labels: Tensor) -> dict[str, float]:
    """Returns the scores of giving every note the labels in the order of their training frequency.

    Its AUC is one half for every label.
    """
    constant = train_labels.mean(0).expand_as(labels)
    return {
        "precision_at_5_by_frequency": precision_at(constant, labels),
        "recall_at_5_by_frequency": recall_at(constant, labels),
    }
