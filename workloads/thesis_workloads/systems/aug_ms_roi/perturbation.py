"""Gaussian noise on an input and on what a network makes of it on the way (section 3.4)."""

import contextlib
from collections.abc import Iterator, Sequence

import torch
from torch import Tensor, nn

from thesis_workloads.attacks.randomness import derive_seeds


class Noise:
    """Noise for a batch, a generator per row: a row's noise does not depend on the rows next to it."""

    def __init__(self, seeds: Tensor, *, scale: float) -> None:
        """Takes seeds ``(N,)`` and the noise's deviation as a share of the deviation of what it is added to."""
        self._generators = [torch.Generator().manual_seed(int(seed)) for seed in derive_seeds(seeds).tolist()]
        self._scale = scale

    def added_to(self, values: Tensor) -> Tensor:
        """Returns values ``(N, ...)`` with fresh noise, scaled by each row's own deviation."""
        rows, shape = values, values.shape
        is_nhwc = values.dim() == 4 and not values.is_contiguous()
        if (
            is_nhwc
        ):  # noise in the order in which the values lie in memory, or adding it takes three times as long
            rows = values.permute(0, 2, 3, 1)
            shape = rows.shape
        flat = rows.reshape(len(rows), -1)
        noise = torch.empty(flat.shape, dtype=values.dtype)
        for row, generator in zip(noise, self._generators, strict=True):
            row.normal_(generator=generator)
        deviation = self._scale * _deviation(flat)
        noisy = torch.addcmul(flat, noise.to(values.device), deviation[:, None]).view(shape)
        laid: Tensor = noisy.permute(0, 3, 1, 2) if is_nhwc else noisy
        return laid


def _deviation(rows: Tensor) -> Tensor:
    """Returns the deviation of each row by its moments: a tenth of the time of `Tensor.std` on a CPU."""
    squares = torch.linalg.vector_norm(rows, dim=1).square() / rows.shape[1]
    variances: Tensor = squares - rows.mean(1).square()
    return variances.clamp(min=0).sqrt()


@contextlib.contextmanager
def perturbed(layers: Sequence[nn.Module], noise: Noise) -> Iterator[None]:
    """Adds noise to the output of every layer inside the block."""

    def add(layer: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> Tensor:
        return noise.added_to(output)

    handles = [layer.register_forward_hook(add) for layer in layers]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()
