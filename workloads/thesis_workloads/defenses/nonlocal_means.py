"""Non-local means: Buades, Coll and Morel, CVPR 2005, as Xu, Evans and Qi use it; table 4.6 (e), (f).

The table's three numbers are the search window and the patch in pixels and the strength in 8-bit levels.
"""

import torch
from skimage.restoration import denoise_nl_means
from torch import Tensor


def average_similar_patches(
    images: Tensor, *, seeds: Tensor | None = None, search: int = 11, patch: int = 3, strength: float = 2
) -> Tensor:
    """Returns denoised images ``(B, C, H, W)`` in [0, 1], by scikit-image on the CPU; ``seeds`` are not used.

    Args:
        images: ``(B, C, H, W)`` in [0, 1].
        seeds: not used.
        search: side of the window searched for similar patches, odd, in pixels.
        patch: side of a patch, odd, in pixels.
        strength: decay of a patch's weight with its distance, in 8-bit levels.
    """
    arrays = images.detach().cpu().numpy()
    done = [
        denoise_nl_means(
            array,
            patch_size=patch,
            patch_distance=search // 2,
            h=strength / 255,
            fast_mode=True,
            channel_axis=0,
        )
        for array in arrays
    ]
    return torch.stack([torch.from_numpy(array) for array in done]).to(images).clamp(0, 1)
