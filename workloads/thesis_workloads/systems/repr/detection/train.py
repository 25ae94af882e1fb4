"""Training of a detector with RePr or without: the detection workload's side of the seam.

Algorithm 4 as for a classifier, on the backbone's filters (section 5.8.3): ranked by a metric of the weights,
pruned to a physically smaller detector, reinitialised. The metrics are mean average precision on the held-out
part every epoch and on the test part once, after the last.

Losses are means over sampled anchors and regions of a worker's own images, so several workers agree with one only
where every image has its full sample; batch normalisation sees the local images, as elsewhere.
"""

from collections.abc import Mapping
from functools import partial
from pathlib import Path

import torch
from torch import Tensor, nn

from thesis_workloads.contract.reporter import Reporter
from thesis_workloads.datasets.images.boxed_scenes import (
    Scene,
    Scenes,
    SceneSplits,
    scene_batches,
)
from thesis_workloads.systems.repr.detection.average_precision import mean_average_precision, prior_boxes
from thesis_workloads.systems.repr.detection.config import DetectionConfig
from thesis_workloads.systems.repr.detection.detector import build_detector, detector_wiring, load_backbone
from thesis_workloads.systems.repr.detection.evaluate import detect
from thesis_workloads.systems.repr.detection.validation import validate
from thesis_workloads.systems.repr.epoch import num_filters, num_masked
from thesis_workloads.systems.repr.networks.catalog import same_layout
from thesis_workloads.systems.repr.optimizer import build_repr_optimizer
from thesis_workloads.systems.repr.phases import (
    Run,
    full_network,
    load_training_state,
    prune,
    reactivate_filters,
    save_training_state,
)
from thesis_workloads.systems.repr.pruning.ranking import Ranking, importance, ortho_sum
from thesis_workloads.systems.repr.pruning.selection import check_prunable, select
from thesis_workloads.systems.repr.pruning.wiring import filters
from thesis_workloads.systems.repr.schedule import Stage, last_reactivation, stage
from thesis_workloads.training.batches import epoch_order
from thesis_workloads.training.distributed import (
    all_sum,
    broadcast_buffers,
    rank,
    training_device,
    world_size,
)
from thesis_workloads.training.loop import check_finite, local_share, named
from thesis_workloads.training.optimizers import set_learning_rate
from thesis_workloads.training.schedules import learning_rate_at
from thesis_workloads.training.seeding import seeded

IDENTITY = ("backbone", "width", "head", "pyramid_channels", "head_width", "optimizer", "scheme")


def train(config: DetectionConfig, data: SceneSplits, reporter: Reporter) -> nn.Module:
    """Trains one detector and returns it, with all of its filters, on the CPU.

    Raises:
        ValueError: if the configuration, or what it asks of the data, is wrong: before any training.
        FloatingPointError: if a loss stops being finite.
    """
    validate(config)
    device = training_device(config.device)
    run = _start(config, len(data.classes), device)
    identity = {field: str(getattr(config, field)) for field in IDENTITY}
    saved = reporter.resume()
    first = 0 if saved is None else load_training_state(run, saved, identity=identity)
    for number in range(first, config.epochs):
        metrics = run_epoch(config, run, data, device, number=number)
        if number == config.epochs - 1:
            metrics |= _tested(run.active, data, config)
        reporter.report(metrics, state=partial(save_training_state, run, epoch=number + 1, identity=identity))
    return full_network(run)


def load_model(config: DetectionConfig, num_classes: int, state: Mapping[str, object]) -> nn.Module:
    """Returns the detector of a run's state, on the CPU."""
    run = _start(config, num_classes, torch.device("cpu"))
    load_training_state(run, dict(state), identity={field: str(getattr(config, field)) for field in IDENTITY})
    return full_network(run)


def _start(config: DetectionConfig, num_classes: int, device: torch.device) -> Run:
    with seeded("detector", config.seed):
        detector = build_detector(
            config.backbone,
            width=config.width,
            head=config.head,
            num_classes=num_classes,
            image_size=config.image_size,
            smallest_anchor=config.smallest_anchor,
            pyramid_channels=config.pyramid_channels,
            head_width=config.head_width,
            region_cells=config.region_cells,
            regions=config.regions,
            proposals=config.proposals,
        )
    if config.pretrained != "none":
        load_backbone(detector, Path(config.pretrained), backbone=config.backbone, width=config.width)
    detector = same_layout(detector.to(device))
    convs = detector_wiring(detector)
    if config.scheme == "repr":
        widths = {conv.conv: len(filters(detector, conv)) for conv in convs}
        check_prunable(
            widths, p=config.p, min_filters=config.min_filters, rank_first_conv=config.rank_first_conv
        )
    make_optimizer = partial(
        build_repr_optimizer,
        config.optimizer,
        learning_rate=config.learning_rate,
        momentum=config.momentum,
        weight_decay=config.weight_decay,
    )
    return Run(full=detector, convs=convs, make_optimizer=make_optimizer)


def run_epoch(
    config: DetectionConfig, run: Run, data: SceneSplits, device: torch.device, *, number: int
) -> dict[str, float]:
    """Trains one epoch, counted from 0, and returns its metrics."""
    now = stage(number, scheme=config.scheme, s1=config.s1, s2=config.s2, n=config.n)
    shares = _change_phase(config, run, now)
    with seeded("epoch", config.seed, number, rank(), device=device):
        losses = _train(config, run, data.train, device, number=number)
    broadcast_buffers(run.active)
    check_finite(losses, epoch=number + 1, learning_rate=config.learning_rate)
    found = score(run.active, data.val, config)
    return (
        losses
        | named("val", found)
        | shares
        | {
            "epoch": number + 1,
            "repr/phase": float(now.phase == "sub"),
            "repr/round": now.round,
            "repr/num_filters": num_filters(run),
            "repr/num_masked": num_masked(run),
            "repr/ortho_sum": ortho_sum(run.active, run.convs),
            "learning_rate": run.optimizer.param_groups[0]["lr"],
        }
    )


def _change_phase(config: DetectionConfig, run: Run, now: Stage) -> dict[str, float]:
    if now.phase == "full" and run.sub is not None:
        reactivate_filters(run, seed=config.seed, variant="text")
    run.round = now.round
    if now.phase == "full" or run.sub is not None:
        return {}
    nothing = torch.empty(0)
    ranking = Ranking(
        network=run.full,
        convs=run.convs,
        images=nothing,
        labels=nothing,
        train_images=nothing,
        train_labels=nothing,
        seed=config.seed,
        round=now.round,
        score_scale=config.score_scale,
        variant="text",
        rank_first_conv=config.rank_first_conv,
    )
    scores = importance(config.metric, ranking)
    kept = select(scores, p=config.p, min_filters=config.min_filters, rank_first_conv=config.rank_first_conv)
    prune(run, kept)
    return {f"repr/pruned/{name}": 1 - len(kept[name]) / len(layer) for name, layer in scores.items()}


def _train(
    config: DetectionConfig, run: Run, scenes: Scenes, device: torch.device, *, number: int
) -> dict[str, float]:
    """Returns the mean losses of the epoch over all workers: their sum, and the four parts of it."""
    run.wrapped.train()
    batches = epoch_order(len(scenes), seed=config.seed, epoch=number).split(config.batch_size)
    shares = [local_share(batch) for batch in batches]
    read = [part.tolist() for part, _ in shares]
    totals: dict[str, Tensor] = {}
    for step, batch in enumerate(scene_batches(scenes, read, num_loaders=config.num_loaders)):
        set_learning_rate(run.optimizer, _rate(config, number, step, len(batches)))
        part, is_read = shares[step]
        num = is_read * len(part)
        weight = num * world_size() / len(batches[step])
        for name, loss in _step(config, run, batch, device, weight=weight).items():
            totals[name] = totals.get(name, torch.zeros((), device=device)) + loss * num
    parts = {name: float(all_sum(total)) / len(scenes) for name, total in totals.items()}
    return named("train", {"loss": sum(parts.values())} | parts)


def _step(
    config: DetectionConfig, run: Run, scenes: list[Scene], device: torch.device, *, weight: float
) -> dict[str, Tensor]:
    dtype = next(run.active.parameters()).dtype
    images = [scene.image.to(device).to(dtype) / 255 for scene in scenes]
    targets = [
        {
            "boxes": scene.boxes[~scene.is_crowd].to(device, dtype),
            "labels": scene.labels[~scene.is_crowd].to(device),
        }
        for scene in scenes
    ]
    run.optimizer.zero_grad(set_to_none=True)
    is_mixed = config.precision == "bfloat16"
    with torch.autocast(device.type, dtype=torch.bfloat16, enabled=is_mixed):
        losses: dict[str, Tensor] = run.wrapped(images, targets)
    (torch.stack([loss.to(dtype) for loss in losses.values()]).sum() * weight).backward()
    run.optimizer.step()
    return {name: loss.detach().float() for name, loss in losses.items()}


def _rate(config: DetectionConfig, epoch: int, step: int, num_steps: int) -> float:
    rate = learning_rate_at(
        config.schedule,
        epoch + step / num_steps,
        learning_rate=config.learning_rate,
        epochs=config.epochs,
        start=last_reactivation(config.epochs, scheme=config.scheme, s1=config.s1, s2=config.s2, n=config.n),
    )
    done = epoch * num_steps + step + 1
    return rate * min(1.0, done / max(config.warmup_steps, 1))


def score(detector: nn.Module, scenes: Scenes, config: DetectionConfig) -> dict[str, float]:
    """Returns the mean average precisions on some scenes, the same on every worker."""
    found, seen = detect(detector, scenes, batch_size=config.batch_size, num_loaders=config.num_loaders)
    return mean_average_precision(found, seen)


def _tested(detector: nn.Module, data: SceneSplits, config: DetectionConfig) -> dict[str, float]:
    found, seen = detect(detector, data.test, batch_size=config.batch_size, num_loaders=config.num_loaders)
    sample = [data.train[index] for index in range(min(len(data.train), 500))]
    blind = mean_average_precision([prior_boxes(sample)] * len(seen), seen)
    scores = mean_average_precision(found, seen)
    return named("test", scores) | {"test/map_blind": blind["map"]}
