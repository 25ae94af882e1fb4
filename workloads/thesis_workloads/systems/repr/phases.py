"""A run between two epochs: the full network, perhaps a sub-network, and the way from one to the other.

All that a run needs to resume is in `save_training_state`; random numbers are derived from seed, round and epoch.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn
from torch.utils.hooks import RemovableHandle

from thesis_workloads.contract.reporter import State
from thesis_workloads.systems.repr.best_epoch import BestEpoch, best_from_state, best_state
from thesis_workloads.systems.repr.later_layers import draw_later_layers
from thesis_workloads.systems.repr.networks.catalog import same_layout
from thesis_workloads.systems.repr.pruning.reinitialise import dropped_filters, reinitialise
from thesis_workloads.systems.repr.pruning.selection import Kept
from thesis_workloads.systems.repr.pruning.sparse import clear_outside, hold_at_zero
from thesis_workloads.systems.repr.pruning.subnetwork import (
    Selection,
    keep_unheard,
    not_silenced,
    put_optimizer_state,
    put_unheard,
    scatter,
    selection,
    shrink,
    take_optimizer_state,
    unheard_columns,
)
from thesis_workloads.systems.repr.pruning.wiring import PrunableConv, filters, norms
from thesis_workloads.systems.repr.teacher import Teacher, teacher_state
from thesis_workloads.training.distributed import wrap
from thesis_workloads.training.optimizers import OptimizerState, load_optimizer_state, read_optimizer_state
from thesis_workloads.training.seeding import derived_seed
from thesis_workloads.training.state import check_state, copied, copied_optimizer_state

STATE_VERSION = 3


@dataclass(kw_only=True)
class Run:
    """Networks and optimizer of one run, changed in place from epoch to epoch."""

    full: nn.Module
    convs: tuple[PrunableConv, ...]
    make_optimizer: Callable[[nn.Module], torch.optim.Optimizer]
    optimizer: torch.optim.Optimizer = field(init=False)
    wrapped: nn.Module = field(init=False)  # the active network, with averaged gradients if distributed
    sub: nn.Module | None = None  # active while it is there
    kept: Kept = field(default_factory=dict)  # of the sub-network; empty in the full phase
    # Of the full network, during the sub-network phase.
    full_optimizer_state: OptimizerState = field(default_factory=dict)
    round: int = 0
    masks: dict[str, Tensor] = field(default_factory=dict)  # weights that stay in a sparse phase (DSD)
    handles: list[RemovableHandle] = field(default_factory=list)  # of the gradients held at zero
    generation: int = 0
    teacher: Teacher | None = None
    compiles: bool = False
    make_network: Callable[[int], nn.Module] | None = None  # seed -> a new network like the full one
    best: BestEpoch | None = None  # of this network so far, by held-out accuracy

    def __post_init__(self) -> None:
        self.activate({})

    @property
    def active(self) -> nn.Module:
        """The network that is trained now."""
        return self.full if self.sub is None else self.sub

    def activate(self, optimizer_state: Mapping[str, Mapping[str, Tensor]]) -> None:
        """Makes optimizer and gradient exchange of the active network, from a given optimizer state."""
        self.optimizer = self.make_optimizer(self.active)
        load_optimizer_state(self.optimizer, self.active, optimizer_state)
        self.wrapped = wrap(self.active)
        if self.compiles:
            # Sub-networks share their code and differ in shape: graphs of the one before would only be in the way.
            torch.compiler.reset()
            self.wrapped = torch.compile(self.wrapped, dynamic=False)  # type: ignore[assignment]


def prune(run: Run, kept: Kept) -> None:
    """Continues with the kept filters only; the full network keeps everything as it is."""
    chosen = selection(run.full, run.convs, kept)
    run.full_optimizer_state = _cloned(read_optimizer_state(run.optimizer, run.full))
    run.kept = kept
    run.sub = same_layout(shrink(run.full, run.convs, kept))
    run.activate(take_optimizer_state(run.full_optimizer_state, chosen, _shapes(run.full)))


def reactivate_filters(
    run: Run, *, seed: int, variant: str, filter_norm: str = "retained", readers: str = "old"
) -> None:
    """Continues with all filters: what the sub-network learned, and new values for the pruned ones."""
    kept = run.kept
    optimizer_state = _leave_sub(run)
    reinitialise(
        run.full,
        optimizer_state,
        run.convs,
        kept,
        seed=seed,
        round_number=run.round,
        variant=variant,
        filter_norm=filter_norm,
        readers=readers,
        fresh=_new_network(run, "readers", seed) if readers == "fresh" else None,
    )
    run.activate(optimizer_state)


def renew_later_layers(run: Run, *, seed: int, num_early_layers: int) -> None:
    """Continues with the first layers as they are and all later ones as at the start of a run."""
    optimizer_state = read_optimizer_state(run.optimizer, run.full)
    fresh = _new_network(run, "later layers", seed)
    for name in draw_later_layers(run.full, fresh, run.convs, num_early_layers=num_early_layers):
        optimizer_state.pop(name, None)
    run.activate(_cloned(optimizer_state))


def _new_network(run: Run, purpose: str, seed: int) -> nn.Module:
    assert run.make_network is not None
    return run.make_network(derived_seed(purpose, seed, run.round))


def sparsify(run: Run, masks: dict[str, Tensor]) -> None:
    """Continues with the weights inside the masks only."""
    run.masks = masks
    run.handles = hold_at_zero(run.full, read_optimizer_state(run.optimizer, run.full), masks)


def densify(run: Run) -> None:
    """Continues with all weights; those that were held start from zero, and so do their slots."""
    optimizer_state = read_optimizer_state(run.optimizer, run.full)
    clear_outside(optimizer_state, run.masks)
    for handle in run.handles:
        handle.remove()
    run.masks, run.handles = {}, []


def full_network(run: Run) -> nn.Module:
    """Returns the full network at the end of a run, on the CPU.

    A run that ends in a sub-network phase has nothing to reinitialise filters for: the dropped ones are
    silenced, so that the full network computes what the sub-network does.
    """
    if run.sub is not None:
        kept = run.kept
        _leave_sub(run)
        _silence(run.full, run.convs, kept)
    return run.full.cpu()


def _leave_sub(run: Run) -> OptimizerState:
    assert run.sub is not None
    chosen: Selection = selection(run.full, run.convs, run.kept)
    unheard = unheard_columns(run.full, run.convs, run.kept)
    scatter(run.full, run.sub, run.convs, run.kept)
    put_unheard(run.full, unheard)
    optimizer_state = put_optimizer_state(
        run.full_optimizer_state,
        read_optimizer_state(run.optimizer, run.sub),
        chosen,
        _shapes(run.full),
        learned=not_silenced(run.full, run.convs, run.kept),
    )
    keep_unheard(optimizer_state, run.full_optimizer_state, unheard)
    run.sub, run.kept, run.full_optimizer_state = None, {}, {}
    return optimizer_state


@torch.no_grad()
def _silence(network: nn.Module, convs: tuple[PrunableConv, ...], kept: Kept) -> None:
    for conv in convs:
        dropped = dropped_filters(len(filters(network, conv)), kept[conv.conv])
        for name, offset in [(conv.conv, 0), *norms(network, conv)]:
            for parameter in network.get_submodule(name).parameters():
                parameter[(dropped + offset).to(parameter.device)] = 0.0


def save_training_state(run: Run, *, epoch: int, identity: Mapping[str, str]) -> State:
    """Returns the complete state after ``epoch`` finished epochs: copies on the CPU and plain values."""
    is_sub = run.sub is not None
    optimizer_state = read_optimizer_state(run.optimizer, run.active)
    return {
        "version": STATE_VERSION,
        "epoch": epoch,
        "round": run.round,
        "phase": "sub" if is_sub else "full",
        "identity": dict(identity),
        "full": copied(run.full.state_dict()),
        "full_slots": copied_optimizer_state(run.full_optimizer_state if is_sub else optimizer_state),
        "sub": copied(run.sub.state_dict()) if run.sub is not None else {},
        "sub_slots": copied_optimizer_state(optimizer_state) if is_sub else {},
        "kept": copied(run.kept),
        "masks": copied(run.masks),
        "generation": run.generation,
        "best": best_state(run.best),
        "teacher": teacher_state(run.teacher),
    }


def load_training_state(run: Run, state: State, *, identity: Mapping[str, str]) -> int:
    """Returns the number of finished epochs after loading the run's networks and optimizer from a state.

    The run must hold the network of the state's generation; the teacher is left to the caller.

    Raises:
        ValueError: if the state is of another version, network or optimizer.
    """
    check_state(state, version=STATE_VERSION, identity=identity)
    run.full.load_state_dict(state["full"])
    run.round = state["round"]
    run.best = best_from_state(state["best"], device=next(run.full.parameters()).device)
    run.sub, run.kept, run.full_optimizer_state = None, {}, {}
    if state["phase"] == "full":
        run.activate(state["full_slots"])
        if state["masks"]:
            sparsify(run, dict(state["masks"]))
        return int(state["epoch"])
    run.kept = dict(state["kept"])
    device = next(run.full.parameters()).device
    run.full_optimizer_state = _cloned(state["full_slots"], device)
    run.sub = same_layout(shrink(run.full, run.convs, run.kept))
    run.sub.load_state_dict(state["sub"])
    run.activate(state["sub_slots"])
    return int(state["epoch"])


def _shapes(network: nn.Module) -> dict[str, torch.Size]:
    return {name: parameter.shape for name, parameter in network.named_parameters()}


def _cloned(optimizer_state: OptimizerState, device: torch.device | None = None) -> OptimizerState:
    return {
        name: {slot: value.clone().to(device if value.dim() else None) for slot, value in state.items()}
        for name, state in optimizer_state.items()
    }
