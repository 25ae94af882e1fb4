"""The baseline defences of tables 4.6, 4.7 and 4.11 by the names of ``tables.toml``, with the dissertation's settings.

A defence is a sequence of steps, each a function and its settings. `quilt` also needs a bank of patches from
clean images, which `apply_defense` hands to it.
"""

from collections.abc import Callable
from typing import Any

from torch import Tensor

from thesis_workloads.defenses.anisotropic import diffuse
from thesis_workloads.defenses.bilateral import filter_bilaterally
from thesis_workloads.defenses.bit_depth import reduce_bit_depth
from thesis_workloads.defenses.block_dct import denoise_block_dct
from thesis_workloads.defenses.cropping import crop_and_rescale
from thesis_workloads.defenses.deconvolution import deconvolve
from thesis_workloads.defenses.jpeg import compress_as_jpeg
from thesis_workloads.defenses.median import smooth_by_median
from thesis_workloads.defenses.nonlocal_means import average_similar_patches
from thesis_workloads.defenses.quilting import quilt
from thesis_workloads.defenses.resize_and_pad import resize_and_pad
from thesis_workloads.defenses.total_variation import minimise_total_variation

Step = tuple[Callable[..., Tensor], dict[str, Any]]

_BITS_5: Step = (reduce_bit_depth, {"bits": 5})
_MEDIAN_2: Step = (smooth_by_median, {"size": 2})
_NONLOCAL_13: Step = (average_similar_patches, {"search": 13, "patch": 3, "strength": 4})
_QUILTING: Step = (quilt, {"overlap": 2, "num_nearest": 10})
_TVM: Step = (minimise_total_variation, {"weight": 0.03, "keep": 0.5})

CATALOG: dict[str, tuple[Step, ...]] = {
    "bit-depth-2": ((reduce_bit_depth, {"bits": 2}),),
    "bit-depth-5": (_BITS_5,),
    "median-2x2": (_MEDIAN_2,),
    "median-3x3": ((smooth_by_median, {"size": 3}),),
    "nonlocal-mean-11-3-2": ((average_similar_patches, {"search": 11, "patch": 3, "strength": 2}),),
    "nonlocal-mean-13-3-4": (_NONLOCAL_13,),
    "bit-depth-5+median-2x2+nonlocal-mean-13-3-4": (_BITS_5, _MEDIAN_2, _NONLOCAL_13),
    "pixel-padding": ((resize_and_pad, {"resize": False, "pad": True}),),
    "pixel-resizing": ((resize_and_pad, {"resize": True, "pad": False}),),
    "padding+resizing": ((resize_and_pad, {"resize": True, "pad": True}),),
    "quilting": (_QUILTING,),
    "tvm+quilting": (_TVM, _QUILTING),
    "cropping+tvm+quilting": ((crop_and_rescale, {"keep": 0.875}), _TVM, _QUILTING),
    "jpeg": ((compress_as_jpeg, {"quality": 75}),),
    "dct": ((denoise_block_dct, {"sigma": 0.04}),),
    "bilateral": ((filter_bilaterally, {}),),
    "anisotropic": ((diffuse, {}),),
    "tvm": (
        (minimise_total_variation, {"weight": 0.1, "keep": 1.0}),
    ),  # table 4.11: a denoiser, no pixel dropped
    "deconvolution": ((deconvolve, {}),),
}


def needs_bank(name: str) -> bool:
    """Returns whether the defence is put together from patches of clean images."""
    return any(function is quilt for function, _ in CATALOG.get(name, ()))


def apply_defense(name: str, images: Tensor, *, seeds: Tensor | None, bank: Tensor | None = None) -> Tensor:
    """Returns the images ``(B, C, H, W)`` in [0, 1] after every step of the named defence.

    ``pixel-padding`` and ``padding+resizing`` return larger images.

    Args:
        images: ``(B, C, H, W)`` in [0, 1].
        name: a key of `CATALOG`.
        seeds: ``(B,)`` int64, one per image; None is enough for defences without randomness.
        bank: patches of clean images (`quilting.patch_bank`), for quilting only.

    Raises:
        ValueError: if the name is unknown, or a bank is needed and missing.
    """
    if name not in CATALOG:
        raise ValueError(f"name must be one of {sorted(CATALOG)}, got {name=}")
    if needs_bank(name) and bank is None:
        raise ValueError(f"bank must be given for a defence that quilts, got {name=}, {bank=}")
    for function, settings in CATALOG[name]:
        extra = {"bank": bank} if function is quilt else {}
        images = function(images, seeds=seeds, **settings, **extra)
    return images
