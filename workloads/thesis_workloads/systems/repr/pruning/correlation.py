"""How far the filters of a layer say the same: canonical correlation of their activations (figures 5.2, 5.11).

Section 5.3 takes each filter's map over the images as a random vector and asks how strongly the best linear
combinations of two filters' maps correlate (Hotelling 1936). By QR and singular values: with orthonormal
bases Q of the centred samples, the correlations are the singular values of Q_a^T Q_b.

Chosen here, where the dissertation says nothing: maps are averaged to a coarse grid first. A map of 32x32 has more
numbers than there are images to estimate from, and then every correlation is one. Samples of unrelated
filters correlate by chance too: about sqrt(d / N) for d grid cells and N images; `chance_level` measures it.
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from thesis_workloads.systems.repr.pruning.data_metrics import filter_outputs
from thesis_workloads.systems.repr.pruning.wiring import PrunableConv
from thesis_workloads.training.evaluation import EVALUATION_BATCH


@dataclass(frozen=True, kw_only=True)
class Overlap:
    """How far the filters of one layer say the same: one number per pair, its mean canonical correlation."""

    pairs: Tensor  # (J, J) in 0..1
    mean: float  # over the pairs of different filters
    largest: float
    share_above: float  # share of the pairs beyond a bound


def canonical_correlations(first: Tensor, second: Tensor) -> Tensor:
    """Returns the canonical correlations (min(d1, d2),) of samples (N, d1) and (N, d2), largest first, 0..1.

    Directions without variance count as zero.

    Raises:
        ValueError: if there are not more samples than numbers in each.
    """
    return _correlations(_basis(first[None]), _basis(second[None]))[0]


def filter_correlations(maps: Tensor, *, cells: int = 4) -> Tensor:
    """Returns for every pair of filters the canonical correlations of their maps, (J, J, d), largest first.

    ``maps`` is (N, J, H, W); they are averaged to at most ``cells`` x ``cells``, d numbers each.

    Raises:
        ValueError: if there are not more images than cells.
    """
    grid = (min(cells, maps.shape[2]), min(cells, maps.shape[3]))
    coarse = F.adaptive_avg_pool2d(maps.double(), grid).flatten(2).transpose(0, 1)
    bases = _basis(coarse)
    return torch.stack([_correlations(basis[None].expand_as(bases), bases) for basis in bases])


def overlap(maps: Tensor, *, cells: int, above: float) -> Overlap:
    """Returns the overlap of the maps (N, J, H, W) of a layer, on at most ``cells`` x ``cells``.

    Raises:
        ValueError: if there are fewer than two filters, or not more images than cells.
    """
    num_filters = maps.shape[1]
    if num_filters < 2:
        raise ValueError(f"a layer must have at least 2 filters to compare, got {num_filters=}")
    pairs = filter_correlations(maps, cells=cells).mean(2)
    rows, columns = torch.triu_indices(num_filters, num_filters, offset=1)
    values = pairs[rows, columns]
    return Overlap(
        pairs=pairs,
        mean=values.mean().item(),
        largest=values.max().item(),
        share_above=(values > above).double().mean().item(),
    )


@torch.no_grad()
def activation_maps(network: nn.Module, convs: tuple[PrunableConv, ...], images: Tensor) -> dict[str, Tensor]:
    """Returns every filter's output behind its batch normalisation and a ReLU, (N, J, H, W) on the CPU."""
    was_training = network.training
    network.eval()
    parts: dict[str, list[Tensor]] = {conv.conv: [] for conv in convs}
    with filter_outputs(network, convs) as outputs:
        for batch in images.split(EVALUATION_BATCH):
            network(batch)
            for name, found in parts.items():
                found.append(outputs[name].relu().cpu())
    network.train(was_training)
    return {name: torch.cat(found) for name, found in parts.items()}


def _basis(samples: Tensor) -> Tensor:
    """Returns orthonormal columns that span the centred samples (J, N, d); zero where they have fewer dimensions."""
    num_samples, size = samples.shape[1:]
    if num_samples <= size:
        raise ValueError(f"samples must be more than the {size} numbers of each, got {num_samples=}")
    centred = samples.double() - samples.double().mean(1, keepdim=True)
    left, energies, _ = torch.linalg.svd(centred, full_matrices=False)
    largest = energies.amax(1, keepdim=True)
    basis: Tensor = left * (energies > 1e-10 * largest.clamp_min(1e-300))[:, None]
    return basis


def _correlations(first: Tensor, second: Tensor) -> Tensor:
    correlations: Tensor = torch.linalg.svdvals(first.mT @ second)
    return correlations.clamp(max=1.0)
