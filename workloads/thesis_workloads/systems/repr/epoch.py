"""One epoch of a run: change of phase where it is due, training, measuring (algorithm 4)."""

import time
from collections.abc import Mapping
from functools import partial

import torch
from torch import Tensor

from thesis_workloads.datasets.images.streamed_images import StreamedImages
from thesis_workloads.systems.repr.config import RePrConfig
from thesis_workloads.systems.repr.generations import Generation
from thesis_workloads.systems.repr.objectives import objective_of
from thesis_workloads.systems.repr.phases import (
    Run,
    densify,
    prune,
    reactivate_filters,
    renew_later_layers,
    sparsify,
)
from thesis_workloads.systems.repr.pruning.ranking import Ranking, importance, ortho_sum, ranking_images
from thesis_workloads.systems.repr.pruning.selection import select
from thesis_workloads.systems.repr.pruning.sparse import magnitude_masks, share_at_zero
from thesis_workloads.systems.repr.pruning.wiring import filters
from thesis_workloads.systems.repr.schedule import Stage, last_reactivation, stage
from thesis_workloads.training.batches import epoch_order
from thesis_workloads.training.distributed import broadcast_buffers, rank
from thesis_workloads.training.epoch import Objective, train_epoch
from thesis_workloads.training.evaluation import evaluate
from thesis_workloads.training.loop import check_finite, named
from thesis_workloads.training.schedules import learning_rate_at
from thesis_workloads.training.seeding import derived_seed, seeded

Images = Tensor | StreamedImages


def run_epoch(
    config: RePrConfig,
    run: Run,
    parts: Mapping[str, tuple[Images, Tensor]],
    current: Generation,
    *,
    epoch: int,
) -> dict[str, float]:
    """Trains one epoch of the run, counted from 0, and returns its metrics."""
    started = time.perf_counter()
    own = epoch - current.first
    now = stage(own, scheme=current.scheme, s1=config.s1, s2=config.s2, n=config.n)
    shares = _change_phase(config, run, now, parts)
    rate = partial(_learning_rate, config, own, current, len(parts["train"][1]))
    with seeded("epoch", config.seed, own, rank(), device=parts["train"][1].device):
        score = train_epoch(
            run.wrapped,
            run.optimizer,
            *parts["train"],
            order=epoch_order(len(parts["train"][1]), seed=config.seed, epoch=own),
            batch_size=config.batch_size,
            learning_rate=rate,
            objective=_objective(config, run, current),
            draw=derived_seed("draw", config.seed, own),
        )
    broadcast_buffers(run.active)
    losses = named("train", vars(score))
    if len(parts["val"][1]) > 0:
        losses |= named("val", vars(evaluate(run.active, *parts["val"])))
    check_finite(losses, epoch=epoch + 1, learning_rate=rate(0.0))
    return (
        losses
        | shares
        | {
            "epoch": epoch + 1,
            "repr/phase": float(now.phase == "sub"),
            "repr/round": now.round,
            "repr/generation": run.generation + 1,
            "repr/sparsity": share_at_zero(run.masks),
            "repr/num_filters": num_filters(run),
            "repr/num_masked": num_masked(run),
            "repr/ortho_sum": ortho_sum(run.active, run.convs),
            "learning_rate": rate(0.0),
            "time/epoch_s": time.perf_counter() - started,
        }
    )


def _objective(config: RePrConfig, run: Run, current: Generation) -> Objective:
    return objective_of(
        run.active,
        run.convs,
        run.kept,
        ortho_loss=0.0 if current.is_teacher else config.ortho_loss,
        teacher=run.teacher.network if run.teacher is not None and current.is_taught else None,
        teacher_weight=config.teacher_weight,
        temperature=config.temperature,
        precision=config.precision,
    )


def _change_phase(
    config: RePrConfig, run: Run, now: Stage, parts: Mapping[str, tuple[Images, Tensor]]
) -> dict[str, float]:
    """Prunes or restores where the run is not yet in the stage's phase; returns the shares pruned.

    It goes by what the run is in, not by the epoch alone, so that a run that is resumed with other
    values of S1 and S2 changes over as well.
    """
    if now.phase == "full" and run.sub is not None:
        reactivate_filters(
            run,
            seed=config.seed,
            variant=config.variant,
            filter_norm=config.filter_norm,
            readers=config.readers,
        )
    if config.scheme == "later-layers" and now.round > run.round:
        run.round = now.round
        renew_later_layers(run, seed=config.seed, num_early_layers=config.num_early_layers)
    if now.phase == "full" and run.masks:
        densify(run)
    run.round = now.round
    if now.phase == "full" or run.sub is not None or run.masks:
        return {}
    if config.scheme == "dsd":
        sparsify(run, magnitude_masks(run.full, p=config.p))
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
            images=_in_memory(parts["val"][0], is_needed=config.metric == "oracle"),
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
    if config.reverse_ranking:
        scores = {name: -layer for name, layer in scores.items()}
    kept = select(scores, p=config.p, min_filters=config.min_filters, rank_first_conv=config.rank_first_conv)
    prune(run, kept)
    return {f"repr/pruned/{name}": 1 - len(kept[name]) / len(layer) for name, layer in scores.items()}


def _in_memory(images: Images, *, is_needed: bool) -> Tensor:
    if isinstance(images, Tensor):
        return images
    return images[:] if is_needed else torch.empty(0, *images.shape[1:])


def _learning_rate(
    config: RePrConfig, epoch: int, current: Generation, num_images: int, share: float
) -> float:
    return learning_rate_at(
        config.schedule,
        epoch + share,
        learning_rate=config.learning_rate,
        epochs=current.epochs,
        start=last_reactivation(
            current.epochs, scheme=current.scheme, s1=config.s1, s2=config.s2, n=config.n
        ),
        halving_epochs=config.halving_steps / -(-num_images // config.batch_size),
    )


def num_filters(run: Run) -> int:
    """Returns the number of filters trained now; silenced ones don't count."""
    if run.sub is not None:
        return sum(len(indices) for indices in run.kept.values())
    return sum(len(filters(run.full, conv)) for conv in run.convs)


def num_masked(run: Run) -> int:
    """Returns the number of pruned filters silenced at the full price, since their outputs are summed."""
    if run.sub is None:
        return 0
    fixed = [conv for conv in run.convs if not conv.removable]
    return sum(len(filters(run.full, conv)) - len(run.kept[conv.conv]) for conv in fixed)
