"""How well each diagnosis is found in the test part: one row a label, no word of any note."""

import math
from typing import Any

from thesis_workloads.datasets.notes.clinical_notes import ClinicalNotes
from thesis_workloads.metrics.multilabel import per_label_rows
from thesis_workloads.systems.condensed_memory.evaluate import logits_of
from thesis_workloads.systems.condensed_memory.model import MemoryNetwork


def label_rows(network: MemoryNetwork, data: ClinicalNotes) -> list[dict[str, Any]]:
    """Returns a row for each label, commonest in the training part first; None for what is not defined.

    The columns are the label, the article that is about it, the notes that have it in the training and the test
    part, and AUC, precision and recall at one half in the test part.
    """
    words = data.test.words
    slots = None
    if network.index is not None:
        slots = network.index.retrieve(words, num_slots=network.hash_keys)
    rows = per_label_rows(logits_of(network, words, slots).sigmoid(), data.test.labels, data.label_names)
    in_training = data.train.labels.sum(0).int().tolist()
    return [
        {
            "label": row.name,
            "article": data.article_titles[article] if article >= 0 else None,
            "training_notes": count,
            "test_notes": row.num_positive,
            "auc": _known(row.auc),
            "precision": _known(row.precision),
            "recall": _known(row.recall),
        }
        for row, article, count in zip(rows, data.article_of_label.tolist(), in_training, strict=True)
    ]


def _known(value: float) -> float | None:
    return None if math.isnan(value) else round(value, 4)
