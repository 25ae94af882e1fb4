"""Training of one memory network (section 8.5.1): Adam on the cross entropy of labels and memory slots."""

import time
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from thesis_workloads.contract.reporter import Reporter
from thesis_workloads.datasets.notes.clinical_notes import ClinicalNotes, LabelledNotes
from thesis_workloads.systems.condensed_memory.addressing import slot_loss
from thesis_workloads.systems.condensed_memory.config import CondensedMemoryConfig
from thesis_workloads.systems.condensed_memory.evaluate import by_frequency, logits_of, scores
from thesis_workloads.systems.condensed_memory.model import MemoryNetwork, Trace
from thesis_workloads.systems.condensed_memory.retrieval import NO_SLOT
from thesis_workloads.systems.condensed_memory.validation import validate
from thesis_workloads.training.batches import epoch_order
from thesis_workloads.training.distributed import all_sum, rank, training_device, wrap
from thesis_workloads.training.loop import backward_mean, check_finite, local_share, named
from thesis_workloads.training.optimizers import build_optimizer
from thesis_workloads.training.seeding import seeded
from thesis_workloads.training.state import load_training_state, save_training_state

STATE_VERSION = 1


@dataclass(frozen=True)
class Part:
    """One part of the notes on the device that trains."""

    words: Tensor  # (N, L)
    labels: Tensor  # (N, R)
    slots: Tensor | None  # (N, S), where keys are hashed


class Objective(nn.Module):
    """A network together with its loss, so that several workers exchange the gradients of one call."""

    def __init__(self, network: MemoryNetwork, article_of_label: Tensor, *, slot_loss_weight: float) -> None:
        super().__init__()
        self.network = network
        self.slot_loss_weight = slot_loss_weight
        self.article_of_label: Tensor
        self.register_buffer("article_of_label", article_of_label, persistent=False)

    def forward(self, words: Tensor, labels: Tensor, slots: Tensor | None) -> tuple[Tensor, Tensor]:
        """Returns the loss, summed over the notes, and its two parts detached: labels, slots (unweighted)."""
        trace = self.network.trace(words, slots)
        of_labels = F.binary_cross_entropy_with_logits(trace.logits, labels, reduction="sum")
        relevant = self._relevant(labels, trace)
        losses = [
            slot_loss(scores, relevant, addressing=self.network.addressing, is_slot=trace.is_slot)
            for scores in trace.scores
        ]
        of_slots = torch.stack(losses).mean()
        # A weight of zero keeps every parameter in the graph, as several workers need it.
        total = of_labels + self.slot_loss_weight * of_slots
        return total, torch.stack((of_labels.detach(), of_slots.detach()))

    def _relevant(self, labels: Tensor, trace: Trace) -> Tensor:
        """Returns the slots with an article about one of the note's diagnoses, (B, M) or (B, S) bool."""
        known = self.article_of_label >= 0
        relevant = labels.new_zeros(len(labels), len(self.network.key_words))
        relevant.index_add_(1, self.article_of_label[known], labels[:, known])
        if trace.slots is not None:
            relevant = relevant.gather(1, trace.slots.clamp(min=0)) * (trace.slots != NO_SLOT)
        return relevant > 0


def train(config: CondensedMemoryConfig, data: ClinicalNotes, reporter: Reporter) -> MemoryNetwork:
    """Trains one network and returns it on the CPU.

    Reports once per finished epoch. The test part is read once, after the last epoch, and is in that
    epoch's report.

    Raises:
        ValueError: if the configuration is wrong, or the state to resume from is of another run.
        FloatingPointError: if a loss stops being finite.
    """
    validate(config)
    device = training_device(config.device)
    network = build_network(config, data).to(device)
    objective = Objective(network, data.article_of_label, slot_loss_weight=config.slot_loss_weight).to(device)
    wrapped = wrap(objective)
    optimizer = build_optimizer(
        "adam", network, learning_rate=config.learning_rate, momentum=0.0, weight_decay=config.weight_decay
    )
    if device.type == "cpu":
        # One pass over each embedding in place of ten: 0.5 ms in place of 2.1 ms at the scale `small`.
        for group in optimizer.param_groups:
            group["fused"] = True
    shared: dict[str, Any] = {"version": STATE_VERSION, "identity": identity_of(config, data)}
    first = load_training_state(network, optimizer, reporter.resume(), **shared)
    parts = (
        {}
        if first >= config.epochs
        else {name: _on(device, network, getattr(data, name)) for name in ("train", "val")}
    )
    for epoch in range(first, config.epochs):
        metrics = _epoch(config, wrapped, optimizer, parts["train"], epoch=epoch)
        metrics |= named("val", scores(_logits(network, parts["val"]), parts["val"].labels))
        check_finite(metrics, epoch=epoch + 1, learning_rate=config.learning_rate)
        if epoch == config.epochs - 1:
            test = _on(device, network, data.test)
            metrics |= named("test", scores(_logits(network, test), test.labels))
            metrics |= named("test", by_frequency(parts["train"].labels, test.labels))
        save = partial(save_training_state, network, optimizer, epoch=epoch + 1, **shared)
        reporter.report(metrics, state=save)
    return network.cpu()


def build_network(config: CondensedMemoryConfig, data: ClinicalNotes) -> MemoryNetwork:
    """Returns the network of a configuration with the weights of its seed."""
    with seeded("weights", config.seed):
        return MemoryNetwork(
            config.model,
            article_words=data.article_words,
            title_words=data.title_words,
            vocabulary_size=len(data.vocabulary),
            num_labels=len(data.label_names),
            hops=config.hops,
            addressing=config.addressing,
            keys=config.keys,
            condensation=config.condensation,
            condensing_init=config.condensing_init,
            response=config.response,
            hash_keys=config.hash_keys,
            bag=config.bag,
            embedding_dim=config.embedding_dim,
            slot_dim=config.slot_dim,
            title_dim=config.title_dim,
            gate_dim=config.gate_dim,
            dropout=config.dropout,
        )


def identity_of(config: CondensedMemoryConfig, data: ClinicalNotes) -> dict[str, str]:
    """Returns the settings and data digest that a run and a state must share to resume; no word of a note."""
    kept = (
        "model",
        "hops",
        "addressing",
        "keys",
        "condensation",
        "condensing_init",
        "response",
        "hash_keys",
        "bag",
    )
    return {**{field: str(getattr(config, field)) for field in kept}, "data": data.digest}


def _on(device: torch.device, network: MemoryNetwork, part: LabelledNotes) -> Part:
    slots = None
    if network.index is not None:
        slots = network.index.retrieve(part.words, num_slots=network.hash_keys).to(device)
    return Part(words=part.words.to(device), labels=part.labels.to(device), slots=slots)


def _logits(network: MemoryNetwork, part: Part) -> Tensor:
    return logits_of(network, part.words, part.slots)


def _epoch(
    config: CondensedMemoryConfig,
    objective: nn.Module,
    optimizer: torch.optim.Optimizer,
    part: Part,
    *,
    epoch: int,
) -> dict[str, float]:
    """Trains one epoch, counted from 0, and returns its metrics, of all workers together."""
    started = time.perf_counter()
    objective.train()
    order = epoch_order(len(part.words), seed=config.seed, epoch=epoch).to(part.words.device)
    totals = torch.zeros(2, dtype=torch.float64, device=part.words.device)
    norms: list[Tensor] = []
    with seeded("epoch", config.seed, epoch, rank(), device=part.words.device):
        for batch in order.split(config.batch_size):
            losses, norm = _step(config, objective, optimizer, part, batch=batch)
            totals += losses
            norms.append(norm)
    of_labels, of_slots = (all_sum(totals) / len(order)).tolist()
    return {
        "epoch": epoch + 1,
        "train/loss": of_labels,
        "train/slot_loss": of_slots,
        "train/gradient_norm": float(torch.stack(norms).mean()),
        "learning_rate": config.learning_rate,
        "time/epoch_s": time.perf_counter() - started,
    }


def _step(
    config: CondensedMemoryConfig,
    objective: nn.Module,
    optimizer: torch.optim.Optimizer,
    part: Part,
    *,
    batch: Tensor,
) -> tuple[Tensor, Tensor]:
    """Takes one step over a global batch; returns this worker's two losses and the gradient's norm."""
    mine, weight = local_share(batch)
    slots = None if part.slots is None else part.slots[mine]
    optimizer.zero_grad(set_to_none=True)
    loss, losses = objective(part.words[mine], part.labels[mine], slots)
    backward_mean(loss, weight=weight, count=len(batch))
    norm = nn.utils.clip_grad_norm_(objective.parameters(), config.max_gradient_norm)
    optimizer.step()
    return losses.double() * weight, norm.detach()
