"""New filters for the pruned ones (algorithm 4, lines 10-12; section 5.4).

A new filter is orthogonal to every retained filter of its layer and to its own old value, and to the
other new ones while there is room. One factorisation per layer gives a basis of the retained filters;
each new filter is a random direction outside it.

What the dissertation leaves open, and what is done here:
- Where the retained filters fill the space (a first layer of 32 filters in 9 dimensions), new filters take
  the orthonormal directions in which retained and old filters have the least energy.
- Norms are the mean norm of the layer's retained filters, so that the activations keep their scale; or one; or one
  with every weight clipped to 1 / sqrt(fan-in) (``filter_norm``).
- Bias, batch norm's scale, shift and running statistics, and the optimizer's slots start afresh.
- The weights with which the next layers read the filter (`readers`) keep their values, or are zero, so that no output
  changes when filters come back, or are drawn again as at the start. Their slots, which are from before the
  pruning, start afresh in each case.

`released_filters` is what the author's published code does instead: one Gram-Schmidt pass over the
whole layer in the order of its filters, pruned ones included with their old values. A new filter is then
its old value made orthogonal to the filters before it, nearly the old direction, with norm one. That
code leaves bias and batch norm as they are and has no optimizer state.
"""

from collections.abc import Mapping

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from thesis_workloads.systems.repr.pruning.readers import reset_readers
from thesis_workloads.systems.repr.pruning.selection import Kept
from thesis_workloads.systems.repr.pruning.wiring import PrunableConv, filters, norms
from thesis_workloads.training.optimizers import OptimizerState
from thesis_workloads.training.seeding import generator

TINY = 1e-8  # share of a direction's length below which nothing but rounding is left


@torch.no_grad()
def reinitialise(
    network: nn.Module,
    optimizer_state: OptimizerState,
    convs: tuple[PrunableConv, ...],
    kept: Kept,
    *,
    seed: int,
    round_number: int,
    variant: str,
    filter_norm: str = "retained",
    readers: str = "old",
    fresh: nn.Module | None = None,
) -> None:
    """Gives the filters that are not kept new values, in place, and their state in ``optimizer_state`` afresh.

    The pruned filters must still hold their values from before they were dropped, the kept ones their
    present ones. Random directions depend on seed, round and layer only. ``fresh`` is a new network of the same
    shape, from which ``readers="fresh"`` takes its weights.

    Raises:
        ValueError: if ``variant`` is neither "text" nor "released".
    """
    if variant not in ("text", "released"):
        raise ValueError(f"variant must be text or released, got {variant=}")
    for position, conv in enumerate(convs):
        weight = filters(network, conv)
        dropped = dropped_filters(len(weight), kept[conv.conv]).to(weight.device)
        if len(dropped) == 0:
            continue
        if variant == "released":
            weight[dropped] = released_filters(weight)[dropped]
            reset_readers(network, {}, conv, kept, dropped, how=readers, fresh=fresh)
            continue
        draws = generator("reinitialise", seed, round_number, position)
        weight[dropped] = new_filters(weight, dropped, draws=draws, filter_norm=filter_norm)
        for name, channels in _own_vectors(network, conv, dropped):
            _start_afresh(network, name, channels)
        for name, channels in [(f"{conv.conv}.weight", dropped), *_own_vectors(network, conv, dropped)]:
            _clear_optimizer_state(optimizer_state, name, channels)
        # In the order of the layers: new filters are orthogonal to the retained ones as these now read.
        reset_readers(network, optimizer_state, conv, kept, dropped, how=readers, fresh=fresh)


def dropped_filters(width: int, kept: Tensor) -> Tensor:
    """Returns the ascending indices of the filters that are not kept."""
    return torch.ones(width, dtype=torch.bool).index_fill_(0, kept.cpu(), False).nonzero().flatten()


def new_filters(
    weight: Tensor, dropped: Tensor, *, draws: torch.Generator, filter_norm: str = "retained"
) -> Tensor:
    """Returns values (D, C, kH, kW) for the dropped filters of a layer (J, C, kH, kW), D < J."""
    vectors = weight.detach().flatten(1).double().cpu()
    is_dropped = torch.zeros(len(vectors), dtype=torch.bool).index_fill_(0, dropped.cpu(), True)
    retained, old = vectors[~is_dropped], vectors[is_dropped]
    directions = orthogonal_directions(retained, old, draws=draws)
    if directions is None:
        directions = least_energy_directions(torch.cat((retained, old)), len(old), draws=draws)
    values = directions * (retained.norm(dim=1).mean() if filter_norm == "retained" else 1.0)
    if filter_norm == "clipped":
        values = values.clamp(-1 / directions.shape[1] ** 0.5, 1 / directions.shape[1] ** 0.5)
    return values.to(weight.device, weight.dtype).view(-1, *weight.shape[1:])


def orthogonal_directions(retained: Tensor, old: Tensor, *, draws: torch.Generator) -> Tensor | None:
    """Returns unit vectors (D, d) orthogonal to all retained (R, d) and each to its own old (D, d).

    They are orthogonal to each other within groups as large as the space allows. Returns None where
    the retained vectors leave no room.
    """
    basis = span(retained)
    group = basis
    found: list[Tensor] = []
    for own in old:
        guess = torch.randn(len(own), generator=draws, dtype=own.dtype)
        new = outside(guess, group, own)
        if new is None:
            group = basis
            new = outside(guess, group, own)
        if new is None:
            return None
        found.append(new)
        group = torch.cat((group, new[None]))
    return torch.stack(found)


def span(vectors: Tensor) -> Tensor:
    """Returns an orthonormal basis (r, d) of the span of the vectors (R, d), r its numerical rank."""
    unit = F.normalize(vectors, dim=1)
    energies, directions = torch.linalg.svd(unit, full_matrices=False)[1:]
    basis: Tensor = directions[energies > 1e-10 * energies.max()]
    return basis


def outside(guess: Tensor, basis: Tensor, own: Tensor) -> Tensor | None:
    """Returns the unit vector along the part of ``guess`` (d,) orthogonal to the basis rows and to ``own``.

    Projects twice, since one pass leaves rounding errors. Returns None where nothing is left.
    """
    rest = own - basis.T @ (basis @ own)
    rest = rest - basis.T @ (basis @ rest)
    is_inside = rest.norm() <= TINY * own.norm()
    unit = torch.zeros_like(rest) if is_inside else rest / rest.norm()
    if len(guess) - len(basis) - (0 if is_inside else 1) <= 0:
        return None
    new = guess
    for _ in range(2):
        new = new - basis.T @ (basis @ new)
        new = new - unit * (unit @ new)
        new = new / new.norm()
    return new


def least_energy_directions(vectors: Tensor, count: int, *, draws: torch.Generator) -> Tensor:
    """Returns unit vectors (count, d) that share the least squared cosine with the given ones (R, d).

    The first d are eigenvectors of the vectors' energy, least first, with random signs; the set is the best
    orthonormal one of its size. Further ones are the same directions in random rotations.
    """
    unit = F.normalize(vectors, dim=1)
    eigenvectors = torch.linalg.eigh(unit.T @ unit).eigenvectors.T
    size = len(eigenvectors)
    signs = torch.randint(0, 2, (size, 1), generator=draws) * 2.0 - 1.0
    groups = [eigenvectors * signs]
    while sum(len(group) for group in groups) < count:
        mixed = torch.randn(size, size, generator=draws, dtype=unit.dtype)
        groups.append(torch.linalg.qr(mixed).Q)
    return torch.cat(groups)[:count]


def released_filters(weight: Tensor) -> Tensor:
    """Returns the layer (J, C, kH, kW) as the published code orthogonalises it, norm one each.

    Its tensors are ordered (kH, kW, C, J), and where a layer has more filters than fan-in it reshapes
    that block to (J, fan-in) without transposing; both are kept.
    """
    block = weight.detach().double().permute(2, 3, 1, 0).contiguous()
    fan_in, width = block.numel() // len(weight), len(weight)
    is_wide = fan_in < width
    flat = block.view(width, fan_in) if is_wide else block.view(fan_in, width)
    q, r = torch.linalg.qr(flat / flat.norm())
    q = q * torch.sign(r.diagonal())
    ordered: Tensor = (q.T if is_wide else q).reshape(block.shape)
    return ordered.permute(3, 2, 0, 1).to(weight.dtype)


def _own_vectors(network: nn.Module, conv: PrunableConv, dropped: Tensor) -> list[tuple[str, Tensor]]:
    """Returns parameter and buffer names with the channels that belong to the dropped filters alone."""
    owned = [(f"{conv.conv}.bias", dropped)]
    for name, offset in norms(network, conv):
        vectors = ("weight", "bias", "running_mean", "running_var")
        owned += [(f"{name}.{vector}", dropped + offset) for vector in vectors]
    tensors = dict([*network.named_parameters(), *network.named_buffers()])
    return [(name, channels) for name, channels in owned if name in tensors]


def _start_afresh(network: nn.Module, name: str, channels: Tensor) -> None:
    path, attribute = name.rsplit(".", 1)
    module = network.get_submodule(path)
    is_scale = isinstance(module, nn.BatchNorm2d) and attribute in ("weight", "running_var")
    getattr(module, attribute)[channels] = 1.0 if is_scale else 0.0


def _clear_optimizer_state(optimizer_state: OptimizerState, name: str, channels: Tensor) -> None:
    state: Mapping[str, Tensor] = optimizer_state.get(name, {})
    for value in state.values():
        if value.dim() > 0:
            value[channels.to(value.device)] = 0.0
