"""The defence in front of its classifier, on a batch: its map and the defended images."""

from torch import Tensor

from thesis_workloads.classifiers.classifier import Classifier
from thesis_workloads.defenses.counter_random import image_seeds
from thesis_workloads.saliency.cam import robust_activation_map
from thesis_workloads.systems.pixel_deflection.config import PixelDeflectionConfig
from thesis_workloads.systems.pixel_deflection.pipeline import defend


def saliency_of(config: PixelDeflectionConfig, classifier: Classifier, images: Tensor) -> Tensor | None:
    """Returns R-CAM ``(B, H, W)`` of the images that the defender sees; None where none is asked for.

    It depends on the images and on ``top_k`` only: a sweep over window, K and sigma computes it once.
    """
    return robust_activation_map(classifier, images, top_k=config.top_k) if config.use_rcam else None


def defend_images(
    config: PixelDeflectionConfig, images: Tensor, ids: Tensor, *, saliency: Tensor | None, draw: int = 0
) -> Tensor:
    """Returns one defended draw ``(B, 3, H, W)`` in [0, 1] of images with ids ``(B,)`` int64.

    An image's result depends on the config, its id and ``draw``, not on the other images of the batch.
    """
    seeds = image_seeds(ids, seed=config.seed, draw=draw)
    return defend_with_seeds(config, images, seeds, saliency=saliency)


def defend_with_seeds(
    config: PixelDeflectionConfig, images: Tensor, seeds: Tensor, *, saliency: Tensor | None
) -> Tensor:
    """Returns the defended images ``(B, 3, H, W)`` in [0, 1] for the draws that the seeds ``(B,)`` give."""
    return defend(
        images,
        seeds=seeds,
        saliency=saliency,
        num_deflections=config.num_deflections,
        window=config.window,
        sampling=config.sampling,
        replacement=config.replacement,
        variant=config.variant,
        denoisers=tuple(name for name in config.denoisers.split("+") if name),
        sigma=config.sigma,
        sigma_scale=config.sigma_scale,
        wavelet=config.wavelet,
        method=config.method,
        mode=config.mode,
    )
