"""The whole defence: deflect, then denoise (section 4.8)."""

from functools import partial

from torch import Tensor

from thesis_workloads.defenses.block_dct import denoise_block_dct
from thesis_workloads.defenses.catalog import apply_defense
from thesis_workloads.imaging.wavelets import denoise_wavelet
from thesis_workloads.systems.pixel_deflection.deflect import deflect
from thesis_workloads.systems.pixel_deflection.released import deflect_released

DENOISERS = ("wavelet", "dct", "jpeg", "bilateral", "anisotropic", "tvm", "deconvolution")


def defend(
    images: Tensor,
    *,
    seeds: Tensor,
    saliency: Tensor | None = None,
    num_deflections: int = 100,
    window: int = 10,
    sampling: str = "uniform",
    replacement: str = "random",
    variant: str = "text",
    denoisers: tuple[str, ...] = ("wavelet",),
    sigma: float = 0.04,
    sigma_scale: str = "legacy",
    wavelet: str = "db1",
    method: str = "bayes",
    mode: str = "soft",
) -> Tensor:
    """Returns the defended images ``(B, 3, H, W)`` in [0, 1].

    With the wavelet db1, ``dct``, ``bilateral``, ``tvm`` or ``anisotropic`` the result has the true gradient
    with respect to the images for this draw; the map is taken as given.

    Args:
        images: RGB ``(B, 3, H, W)`` in [0, 1], as the defender receives them.
        seeds: ``(B,)`` int64, one per image and draw (`counter_random.image_seeds`).
        saliency: ``(B, H, W)`` in [0, 1], the chance that an attempt is skipped; None skips none.
        num_deflections: K, attempts per image; 0 only denoises.
        window: r, apothem in pixels.
        sampling: ``uniform`` or ``gaussian``.
        replacement: ``random``, ``min``, ``max`` or ``mean``.
        variant: ``text`` or ``released`` (which knows neither sampling nor replacement).
        denoisers: any of `DENOISERS`, applied in that order after the deflection.
        sigma: for ``wavelet`` and ``dct``, as all that follow for ``wavelet``: see `denoise_wavelet`.
        sigma_scale: see `denoise_wavelet`.
        wavelet: see `denoise_wavelet`.
        method: see `denoise_wavelet`.
        mode: see `denoise_wavelet`.

    Raises:
        ValueError: for an unknown or impossible option.
    """
    if variant not in ("text", "released") or not set(denoisers) <= set(DENOISERS):
        raise ValueError(f"variant must be text or released, denoisers known, got {variant=}, {denoisers=}")
    if variant == "released" and (sampling, replacement) != ("uniform", "random"):
        raise ValueError(f"variant released must sample uniformly at random, got {sampling=}, {replacement=}")
    move = (
        deflect_released
        if variant == "released"
        else partial(deflect, sampling=sampling, replacement=replacement)
    )
    images = move(images, seeds=seeds, saliency=saliency, num_deflections=num_deflections, window=window)
    for name in denoisers:
        if name == "wavelet":
            images = denoise_wavelet(
                images, sigma=sigma, wavelet=wavelet, method=method, mode=mode, sigma_scale=sigma_scale
            )
        elif name == "dct":
            images = denoise_block_dct(images, sigma=sigma, sigma_scale=sigma_scale)
        else:
            images = apply_defense(name, images, seeds=seeds)
    return images
