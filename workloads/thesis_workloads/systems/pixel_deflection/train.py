"""One setting of the defence tried on attacked images: what a sweep runs many times (figure 4.5).

Nothing is trained. A trial walks the images in steps and reports after each what it has seen so far, so a
scheduler can stop a setting that falls behind. Adversarial images and their maps were made before, once.
"""

from collections.abc import Callable
from dataclasses import dataclass

from torch import Tensor

from thesis_workloads.classifiers.classifier import Classifier
from thesis_workloads.contract.reporter import Reporter
from thesis_workloads.systems.pixel_deflection.config import PixelDeflectionConfig
from thesis_workloads.systems.pixel_deflection.defenders import classify_defended, deflection


@dataclass(frozen=True, kw_only=True)
class AttackedImages:
    """Images under one attack, or as they were; all right before it."""

    is_clean: bool
    ids: Tensor  # (B,) int64
    labels: Tensor  # (B,) int64
    images: Tensor  # (B, 3, H, W) float32 in [0, 1], as the defender receives them
    saliency: Tensor  # (B, H, W) float32 in [0, 1], their robust activation maps
    undefended: Tensor  # (B,) int64, the classifier's word without defence


@dataclass(frozen=True, kw_only=True)
class AttackedSets:
    """What a sweep's trials share: the images in parts that are read when they are reached."""

    parts: tuple[Callable[[], AttackedImages], ...]  # those of the same photographs side by side
    classifier: Classifier
    name: str
    version: str
    digest: str


def train(config: PixelDeflectionConfig, data: AttackedSets, reporter: Reporter) -> Classifier:
    """Defends every part and reports, after each of ``epochs`` steps, the shares over all parts so far.

    Metrics, 0..1: ``val/accuracy`` (attacked images, mean over the draws), ``val/vote_accuracy`` (their
    majority), ``val/clean_accuracy`` (images that nobody attacked), ``val/destruction_rate`` (of images that
    the attack fooled, mean over the draws), ``val/undefended_accuracy`` (attacked images, no defence).

    Returns:
        The classifier, unchanged.
    """
    counts = dict.fromkeys(("attacked", "right", "voted", "clean", "clean_right", "undefended"), 0.0)
    counts |= {"fooled": 0.0, "undone": 0.0}
    classifier = data.classifier.to(config.device)
    for step in range(config.epochs):
        for read in data.parts[slice_of_step(step, len(data.parts), config.epochs)]:
            _count(config, classifier, read(), counts)
        reporter.report({"epoch": step + 1, **_metrics(counts)})
    return classifier


def slice_of_step(step: int, num_parts: int, num_steps: int) -> slice:
    """Returns the parts of a step, counted from 0; the steps together take every part once."""
    return slice(step * num_parts // num_steps, (step + 1) * num_parts // num_steps)


def _count(
    config: PixelDeflectionConfig, classifier: Classifier, part: AttackedImages, counts: dict[str, float]
) -> None:
    if not len(part.ids):
        return
    labels = part.labels.to(config.device)
    predictions = classify_defended(
        deflection(config),
        classifier,
        part.images.to(config.device),
        labels,
        part.ids.to(config.device),
        saliency=part.saliency.to(config.device),
        num_votes=config.num_votes,
        seed=config.seed,
    )
    right = predictions.num_right.double() / config.num_votes
    if part.is_clean:
        counts["clean"] += len(labels)
        counts["clean_right"] += float(right.sum())
        return
    undefended = part.undefended.to(config.device) == labels
    counts["attacked"] += len(labels)
    counts["right"] += float(right.sum())
    counts["voted"] += float((predictions.voted == labels).sum())
    counts["undefended"] += float(undefended.sum())
    counts["fooled"] += float((~undefended).sum())
    counts["undone"] += float(right[~undefended].sum())


def _metrics(counts: dict[str, float]) -> dict[str, float]:
    shares = {
        "val/accuracy": ("right", "attacked"),
        "val/vote_accuracy": ("voted", "attacked"),
        "val/undefended_accuracy": ("undefended", "attacked"),
        "val/clean_accuracy": ("clean_right", "clean"),
        "val/destruction_rate": ("undone", "fooled"),
    }
    return {name: counts[hits] / counts[total] for name, (hits, total) in shares.items() if counts[total]}
