"""Pixel deflection and the baseline defences behind one interface, and the classifier's predictions behind them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from thesis_workloads.classifiers.classifier import Classifier
from thesis_workloads.defenses.catalog import apply_defense
from thesis_workloads.defenses.counter_random import image_seeds
from thesis_workloads.metrics.peak_signal import decibels
from thesis_workloads.metrics.robustness import vote
from thesis_workloads.metrics.structural_similarity import ssim
from thesis_workloads.saliency.cam import robust_activation_map
from thesis_workloads.systems.pixel_deflection.config import PixelDeflectionConfig
from thesis_workloads.systems.pixel_deflection.evaluate import defend_with_seeds

_LUMA = (0.299, 0.587, 0.114)
Apply = Callable[[Tensor, Tensor, Tensor | None], Tensor]


@dataclass(frozen=True, kw_only=True)
class Defender:
    """A defence as a function of images ``(B, 3, H, W)``, seeds ``(B,)`` and the map ``(B, H, W)``."""

    apply: Apply
    top_k: int | None = None  # classes of the map that it wants; None wants no map
    # What an attacker who knows it differentiates; auto: its own gradient and BPDA, where each exists.
    gradient: Literal["auto", "bpda", "true"] = "auto"
    stand_in: Callable[[Tensor, Tensor], Tensor] | None = None  # for BPDA; None: the identity


@dataclass(frozen=True, kw_only=True)
class Predictions:
    """The classifier's predictions for defended images; all ``(B,)``."""

    single: Tensor  # int64, class by the first draw
    voted: Tensor  # int64, majority over the draws
    num_right: Tensor  # int64, draws that gave the label
    probability: Tensor  # float32, of the label by the first draw
    mse: Tensor  # float64, of the first draw against the image given, 8-bit levels; nan at another size
    ssim: Tensor  # float64, of luma
    psnr: Tensor  # float64, dB


def identity_defense(images: Tensor, seeds: Tensor, saliency: Tensor | None) -> Tensor:
    """Returns the images as they are: no defence."""
    return images


def deflection(
    config: PixelDeflectionConfig, *, gradient: Literal["auto", "bpda", "true"] = "auto"
) -> Defender:
    """Returns pixel deflection, denoising or both, as the config says."""

    def apply(images: Tensor, seeds: Tensor, saliency: Tensor | None) -> Tensor:
        return defend_with_seeds(config, images, seeds, saliency=saliency)

    return Defender(apply=apply, top_k=config.top_k if config.use_rcam else None, gradient=gradient)


def baseline_defense(
    name: str, *, bank: Tensor | None, gradient: Literal["auto", "bpda", "true"] = "auto"
) -> Defender:
    """Returns a defence of `defenses.catalog`; ``bank`` holds clean patches for those that quilt."""

    def apply(images: Tensor, seeds: Tensor, saliency: Tensor | None) -> Tensor:
        return apply_defense(name, images, seeds=seeds, bank=bank)

    return Defender(apply=apply, gradient=gradient)


def as_seen_by_attacker(defender: Defender, classifier: Classifier) -> Callable[[Tensor, Tensor], Tensor]:
    """Returns the defence with its map computed from the very images that it is given."""

    def apply(images: Tensor, seeds: Tensor) -> Tensor:
        saliency = None
        if defender.top_k is not None:
            # The draws of one step that are averaged are of one image, side by side: one map serves them all.
            distinct, places = _distinct_neighbours(images.detach())
            saliency = robust_activation_map(classifier, distinct, top_k=defender.top_k)[places]
        return defender.apply(images, seeds, saliency)

    return apply


def _distinct_neighbours(images: Tensor) -> tuple[Tensor, Tensor]:
    """Returns the images that differ from the one before, and for every image its place among them."""
    differs = (images[1:] != images[:-1]).flatten(1).any(1)
    is_first = torch.cat([differs.new_ones(min(len(images), 1)), differs])
    return images[is_first], is_first.cumsum(0) - 1


@torch.no_grad()
def classify_defended(
    defender: Defender,
    classifier: Classifier,
    images: Tensor,
    labels: Tensor,
    ids: Tensor,
    *,
    saliency: Tensor | None,
    num_votes: int,
    seed: int,
) -> Predictions:
    """Returns the classifier's predictions for the defended images.

    Args:
        ids: ``(B,)`` int64; with ``seed`` and the number of the draw they give each image's random numbers.
        saliency: ``(B, H, W)``, the map of these images; needed where ``defender.top_k`` is set.
        num_votes: draws, at least 1.

    Raises:
        ValueError: if a map is needed and missing, or there is no draw.
    """
    if (defender.top_k is not None and saliency is None) or num_votes < 1:
        raise ValueError(f"saliency must be given and num_votes positive, got {saliency=}, {num_votes=}")
    given = saliency if defender.top_k is not None else None
    draws = [
        defender.apply(images, image_seeds(ids, seed=seed, draw=draw), given) for draw in range(num_votes)
    ]
    logits = [classifier(each) for each in draws]
    classes = torch.stack([each.argmax(1) for each in logits])
    mse, similarity = _quality(images, draws[0])
    return Predictions(
        single=classes[0],
        voted=vote(classes),
        num_right=(classes == labels).sum(0),
        probability=logits[0].softmax(1).gather(1, labels[:, None])[:, 0],
        mse=mse,
        ssim=similarity,
        psnr=decibels(mse),
    )


def _quality(images: Tensor, defended: Tensor) -> tuple[Tensor, Tensor]:
    """Returns mean squared error and SSIM ``(B,)`` on 8-bit levels; nan where a defence changes the size."""
    if images.shape != defended.shape:
        nothing = torch.full((len(images),), torch.nan, dtype=torch.float64, device=images.device)
        return nothing, nothing
    mse = (255 * (images.double() - defended.double())).square().mean((1, 2, 3))
    weights = images.new_tensor(_LUMA)[:, None, None]
    luma, other = (255 * (each * weights).sum(1) for each in (images, defended))
    return mse, ssim(luma, other)
