"""Training with the RePr scheme (algorithm 4) or the standard one, epoch for epoch on the same budget."""

import math
import time
from collections.abc import Mapping
from functools import partial

import torch
from torch import Tensor, nn

from thesis_workloads.datasets.images import ImageSplits, LabelledImages
from thesis_workloads.reporting import Reporter
from thesis_workloads.repr.config import RePrConfig
from thesis_workloads.repr.networks import build_network, prunable_convs
from thesis_workloads.repr.phases import Run, full_network, prune, restore, revive, same_layout, snapshot
from thesis_workloads.repr.ranking import Ranking, importance, ortho_sum, ranking_images
from thesis_workloads.repr.schedule import Stage, stage
from thesis_workloads.repr.selection import check_prunable, select
from thesis_workloads.repr.validation import validate
from thesis_workloads.repr.wiring import filters
from thesis_workloads.training.batches import epoch_order
from thesis_workloads.training.distributed import broadcast_buffers, rank, training_device
from thesis_workloads.training.epoch import train_epoch
from thesis_workloads.training.evaluation import Score, evaluate
from thesis_workloads.training.optimizers import build_optimizer
from thesis_workloads.training.schedules import learning_rate_at
from thesis_workloads.training.seeding import seeded


def train(config: RePrConfig, data: ImageSplits, reporter: Reporter) -> nn.Module:
    """Trains one network and returns it, with all of its filters, on the CPU.

    Reports once per finished epoch. The held-out part is measured on whatever network is trained at the
    time; the test part is read once, after the last epoch, and is in that epoch's report.

    Raises:
        ValueError: if the configuration, or what it asks of the data, is wrong: before any training.
        FloatingPointError: if a loss stops being finite.
    """
    validate(config)
    device = training_device(config.device)
    run = _start(config, data, device)
    identity = {"model": config.model, "optimizer": config.optimizer, "scheme": config.scheme}
    saved = reporter.resume()
    first = 0 if saved is None else revive(run, saved, identity=identity)
    parts = {"train": _on(data.train, device), "val": _on(data.val, device)}
    for epoch in range(first, config.epochs):
        metrics = _epoch(config, run, parts, epoch=epoch)
        if epoch == config.epochs - 1 and len(data.test.labels) > 0:
            test = evaluate(run.active, *_on(data.test, device))
            metrics |= {"test/loss": test.loss, "test/accuracy": test.accuracy}
        reporter.report(metrics, state=partial(snapshot, run, epoch=epoch + 1, identity=identity))
    return full_network(run)


def _start(config: RePrConfig, data: ImageSplits, device: torch.device) -> Run:
    if len(data.train.labels) == 0:
        raise ValueError(f"num_train must leave images to train on, got {len(data.train.labels)=}")
    _, channels, height, width = data.train.images.shape
    network = build_network(
        config.model,
        in_channels=channels,
        image_size=(height, width),
        num_classes=data.num_classes,
        batch_norm=config.batch_norm,
        dropout=config.dropout,
        seed=config.seed,
    )
    network = same_layout(network.to(device, data.train.images.dtype))
    convs = prunable_convs(config.model, network)
    if config.scheme == "repr":
        widths = {conv.conv: len(filters(network, conv)) for conv in convs}
        check_prunable(
            widths, p=config.p, min_filters=config.min_filters, rank_first_conv=config.rank_first_conv
        )
        if config.metric == "oracle" and len(data.val.labels) == 0:
            raise ValueError(f"data must have held-out images for oracle, got {len(data.val.labels)=}")
    make_optimizer = partial(
        build_optimizer,
        config.optimizer,
        learning_rate=config.learning_rate,
        momentum=config.momentum,
        weight_decay=config.weight_decay,
    )
    return Run(full=network, convs=convs, make_optimizer=make_optimizer)


def _on(part: LabelledImages, device: torch.device) -> tuple[Tensor, Tensor]:
    return part.images.to(device), part.labels.to(device)


def _epoch(
    config: RePrConfig, run: Run, parts: Mapping[str, tuple[Tensor, Tensor]], *, epoch: int
) -> dict[str, float]:
    """Trains one epoch, counted from 0, and returns its metrics."""
    started = time.perf_counter()
    now = stage(epoch, scheme=config.scheme, s1=config.s1, s2=config.s2, n=config.n)
    shares = _change_phase(config, run, now, parts)
    rate = partial(_learning_rate, config, epoch)
    with seeded("epoch", config.seed, epoch, rank(), device=parts["train"][0].device):
        score = train_epoch(
            run.wrapped,
            run.optimizer,
            *parts["train"],
            order=epoch_order(len(parts["train"][1]), seed=config.seed, epoch=epoch),
            batch_size=config.batch_size,
            learning_rate=rate,
        )
    broadcast_buffers(run.active)
    losses = _named("train", score)
    if len(parts["val"][1]) > 0:
        losses |= _named("val", evaluate(run.active, *parts["val"]))
    _check_finite(losses, epoch=epoch + 1, learning_rate=rate(0.0))
    return (
        losses
        | shares
        | {
            "epoch": epoch + 1,
            "repr/phase": float(now.phase == "sub"),
            "repr/round": now.round,
            "repr/num_filters": _num_filters(run),
            "repr/num_masked": _num_masked(run),
            "repr/ortho_sum": ortho_sum(run.active, run.convs),
            "learning_rate": rate(0.0),
            "time/epoch_s": time.perf_counter() - started,
        }
    )


def _change_phase(
    config: RePrConfig, run: Run, now: Stage, parts: Mapping[str, tuple[Tensor, Tensor]]
) -> dict[str, float]:
    """Prunes or restores where the run is not yet in the stage's phase; returns the shares pruned.

    It goes by what the run is in, not by the epoch alone, so that a run that is resumed with other
    values of S1 and S2 changes over as well.
    """
    if now.phase == "full" and run.sub is not None:
        restore(run, seed=config.seed, variant=config.variant)
    run.round = now.round
    if now.phase == "full" or run.sub is not None:
        return {}
    train_images, train_labels = parts["train"]
    chosen = ranking_images(
        len(train_labels), count=config.num_ranking, seed=config.seed, round_number=now.round
    ).to(train_labels.device)
    scores = importance(
        config.metric,
        Ranking(
            network=run.full,
            convs=run.convs,
            images=parts["val"][0],
            labels=parts["val"][1],
            train_images=train_images[chosen],
            train_labels=train_labels[chosen],
            seed=config.seed,
            round=now.round,
            score_scale=config.score_scale,
            variant=config.variant,
            rank_first_conv=config.rank_first_conv,
        ),
    )
    kept = select(scores, p=config.p, min_filters=config.min_filters, rank_first_conv=config.rank_first_conv)
    prune(run, kept)
    return {f"repr/pruned/{name}": 1 - len(kept[name]) / len(layer) for name, layer in scores.items()}


def _learning_rate(config: RePrConfig, epoch: int, share: float) -> float:
    return learning_rate_at(
        config.schedule, epoch + share, learning_rate=config.learning_rate, epochs=config.epochs
    )


def _named(part: str, score: Score) -> dict[str, float]:
    return {f"{part}/loss": score.loss, f"{part}/accuracy": score.accuracy}


def _num_filters(run: Run) -> int:
    """Returns how many filters are trained now; silenced ones don't count."""
    if run.sub is not None:
        return sum(len(indices) for indices in run.kept.values())
    return sum(len(filters(run.full, conv)) for conv in run.convs)


def _num_masked(run: Run) -> int:
    """Returns how many pruned filters are silenced at the full price, since their outputs are summed."""
    if run.sub is None:
        return 0
    fixed = [conv for conv in run.convs if not conv.removable]
    return sum(len(filters(run.full, conv)) - len(run.kept[conv.conv]) for conv in fixed)


def _check_finite(losses: Mapping[str, float], *, epoch: int, learning_rate: float) -> None:
    for name, value in losses.items():
        if not math.isfinite(value):
            raise FloatingPointError(
                f"{name} became {value} in epoch {epoch} at learning_rate={learning_rate:g}"
            )
