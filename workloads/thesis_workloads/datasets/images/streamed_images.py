"""Images of a set too large for memory: decoded ahead by a pool of processes while the network trains.

The processes give bytes; values are standardised on the device, so that little has to be copied to it. Training
crops (a random part of 8 to 100 percent of the image, mirrored half of the time, as ImageNet's networks are usually
trained) depend on the image's number and on ``draw`` alone, never on the process that makes them.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.utils.data import DataLoader, Dataset
from torchvision.transforms import InterpolationMode, RandomResizedCrop
from torchvision.transforms.functional import center_crop, hflip, resize, resized_crop

from thesis_workloads.datasets.errors import DatasetDamaged
from thesis_workloads.imaging.still_image import read_still
from thesis_workloads.training.seeding import derived_seed, seeded

MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)  # of ImageNet, per channel, values in 0..1
_CENTRE = 0.875  # of the shorter side, that is kept where nothing is drawn
_SCALE, _RATIO = (0.08, 1.0), (3 / 4, 4 / 3)


class StreamedImages:
    """Looks like a tensor (N, 3, size, size) where a workload asks for shape, type and some of its images."""

    dtype = torch.float32

    def __init__(self, paths: Sequence[Path], *, size: int, num_loaders: int) -> None:
        self._paths = list(paths)
        self._size = size
        self._num_loaders = num_loaders
        self._device = torch.device("cpu")

    @property
    def shape(self) -> tuple[int, int, int, int]:
        """(N, C, H, W)."""
        return (len(self._paths), 3, self._size, self._size)

    def __len__(self) -> int:
        """Returns N."""
        return len(self._paths)

    def to(self, device: torch.device) -> "StreamedImages":
        """Returns the same images, which come to that device."""
        moved = StreamedImages(self._paths, size=self._size, num_loaders=self._num_loaders)
        moved._device = device
        return moved

    def __getitem__(self, chosen: Tensor | slice) -> Tensor:
        """Returns the middle of some images, (M, 3, size, size): for few that fit into memory."""
        indices = torch.arange(len(self))[chosen.cpu() if isinstance(chosen, Tensor) else chosen]
        if len(indices) == 0:
            return torch.empty(0, *self.shape[1:], device=self._device)
        return torch.cat(list(self.batches(indices.split(256))))

    def batches(self, batches: Sequence[Tensor], *, draw: int | None = None) -> Iterator[Tensor]:
        """Yields the images of every batch of indices, in order; with ``draw`` as training crops.

        Raises:
            DatasetDamaged: if a file can't be read.
        """
        is_cuda = self._device.type == "cuda"
        loader = DataLoader(
            _Decoded(self._paths, size=self._size, draw=draw),
            batch_sampler=[batch.tolist() for batch in batches],
            num_workers=self._num_loaders,
            pin_memory=is_cuda,
            prefetch_factor=4 if self._num_loaders else None,
            generator=torch.Generator(),
        )
        mean = torch.tensor(MEAN, device=self._device).view(3, 1, 1)
        deviation = torch.tensor(DEVIATION, device=self._device).view(3, 1, 1)
        for pixels in loader:
            moved = pixels.to(self._device, non_blocking=is_cuda)
            yield (moved.to(self.dtype) / 255 - mean) / deviation


class _Decoded(Dataset[Tensor]):
    def __init__(self, paths: Sequence[Path], *, size: int, draw: int | None) -> None:
        self._paths, self._size, self._draw = paths, size, draw

    def __len__(self) -> int:
        return len(self._paths)

    def __getitem__(self, index: int) -> Tensor:
        path = self._paths[index]
        try:
            image = read_still(path).pixels.convert("RGB")
        except (OSError, ValueError) as error:
            raise DatasetDamaged(f"{path} can't be read as an image ({error}): fetch it again") from error
        seed = None if self._draw is None else derived_seed("crop", self._draw, index)
        cut = middle(image, self._size) if seed is None else training_crop(image, self._size, seed=seed)
        return torch.from_numpy(np.array(cut)).permute(2, 0, 1).contiguous()


def middle(image: Image.Image, size: int) -> Image.Image:
    """Returns the centred square whose side is 87.5 percent of the shorter side, scaled to ``size``."""
    scaled = resize(image, round(size / _CENTRE), InterpolationMode.BILINEAR, antialias=True)
    cut: Image.Image = center_crop(scaled, [size, size])
    return cut


def training_crop(image: Image.Image, size: int, *, seed: int) -> Image.Image:
    """Returns a random part, scaled to ``size`` and mirrored half of the time."""
    with seeded(seed):
        top, left, height, width = RandomResizedCrop.get_params(image, list(_SCALE), list(_RATIO))
        is_mirrored = bool(torch.rand(()) < 0.5)
    cut: Image.Image = resized_crop(
        image, top, left, height, width, [size, size], InterpolationMode.BILINEAR, antialias=True
    )
    return hflip(cut) if is_mirrored else cut
