"""Aug-MSROI: the mean of the maps of several perturbed copies of an image and of its activations.

Prakash et al., "Protecting JPEG Images Against Adversarial Attacks", DCC 2018; section 3.4.

Choices where the dissertation is silent. The perturbation is Gaussian, its deviation a share of each activation's
own. Each copy's map is divided by its maximum before the mean, so no copy counts for more.
"""

import torch
from torch import Tensor

from thesis_workloads.attacks.randomness import derive_seeds
from thesis_workloads.saliency.alignment import align_images, alignment_of
from thesis_workloads.saliency.class_activity import MapNetwork
from thesis_workloads.saliency.maps import finished
from thesis_workloads.saliency.regions import regions_of_interest, scaled_to_one
from thesis_workloads.systems.aug_ms_roi.perturbation import Noise, perturbed

# What a processor's caches bear: beyond it, a copy in a larger pass takes longer. An accelerator gets all at once.
_PIXELS_PER_PASS = 4 * 224 * 224


def augmented_map(
    network: MapNetwork,
    images: Tensor,
    seeds: Tensor,
    *,
    num_perturbations: int = 5,
    scale: float = 0.2,
    top_k: int = 5,
    threshold: float | None = None,
    output_size: tuple[int, int] | None = None,
) -> Tensor:
    """Returns Aug-MSROI ``(B, H, W)`` in [0, 1]; the perturbed copies go through the network together.

    An image's map depends on its own seed, not on the batch around it.

    Args:
        network: see `region_map`.
        images: ``(B, 3, H, W)``, float in [0, 1] or uint8.
        seeds: ``(B,)`` int64, one per image (`counter_random.image_seeds`).
        num_perturbations: n, maps in the mean.
        scale: deviation of the noise over that of what it is added to.
        top_k: see `regions_of_interest`.
        threshold: see `regions_of_interest`.
        output_size: see `region_map`.

    Raises:
        ValueError: if there is no map to average, or the scale is negative.
    """
    if num_perturbations < 1 or scale < 0:
        raise ValueError(
            f"num_perturbations must be 1 or more and scale not negative, got {num_perturbations=}, {scale=}"
        )
    with torch.no_grad():
        maps = perturbed_maps(
            network,
            images,
            seeds,
            num_perturbations=num_perturbations,
            scale=scale,
            top_k=top_k,
            threshold=threshold,
        )
        alignment = alignment_of(
            images.shape[-2], images.shape[-1], size=network.input_size, stride=network.stride
        )
        return finished(maps.mean(1), alignment, output_size or (images.shape[-2], images.shape[-1]))


@torch.no_grad()
def perturbed_maps(
    network: MapNetwork,
    images: Tensor,
    seeds: Tensor,
    *,
    num_perturbations: int,
    scale: float,
    top_k: int = 5,
    threshold: float | None = None,
) -> Tensor:
    """Returns the maps ``(B, n, h, w)`` in [0, 1] of the perturbed copies, at the network's own resolution."""
    alignment = alignment_of(
        images.shape[-2], images.shape[-1], size=network.input_size, stride=network.stride
    )
    copies = align_images(images, alignment).repeat_interleave(num_perturbations, dim=0)
    streams = [derive_seeds(seeds, number) for number in range(num_perturbations)]
    of_copies = torch.stack(streams, dim=1).flatten()
    per_pass = len(copies)
    if copies.device.type == "cpu":
        per_pass = max(1, _PIXELS_PER_PASS // (alignment.padded_height * alignment.padded_width))
    regions = []
    for rows, row_seeds in zip(copies.split(per_pass), of_copies.split(per_pass), strict=True):
        noise = Noise(row_seeds, scale=scale)
        with perturbed(network.perturbable_layers(), noise):
            activity = network.activity(noise.added_to(rows))
        regions.append(regions_of_interest(activity, top_k=top_k, threshold=threshold))
    maps: Tensor = scaled_to_one(torch.cat(regions)).unflatten(0, (len(images), num_perturbations))
    return maps
