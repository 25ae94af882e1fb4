"""Training with RePr (algorithm 4), the standard scheme or a baseline, epoch for epoch on the same budget."""

from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from thesis_workloads.contract.reporter import Reporter
from thesis_workloads.datasets.images.labelled_images import ImageSplits, LabelledImages
from thesis_workloads.systems.repr.best_epoch import better_epoch, tested_best
from thesis_workloads.systems.repr.config import RePrConfig
from thesis_workloads.systems.repr.epoch import Images, run_epoch
from thesis_workloads.systems.repr.generations import Generation, generation_at, generations
from thesis_workloads.systems.repr.later_layers import later_modules
from thesis_workloads.systems.repr.networks.catalog import build_network, prunable_convs, same_layout
from thesis_workloads.systems.repr.optimizer import build_repr_optimizer
from thesis_workloads.systems.repr.phases import Run, full_network, load_training_state, save_training_state
from thesis_workloads.systems.repr.pruning.selection import check_prunable
from thesis_workloads.systems.repr.pruning.wiring import PrunableConv, filters
from thesis_workloads.systems.repr.teacher import as_teacher, load_teacher, read_teacher
from thesis_workloads.systems.repr.validation import is_file, validate
from thesis_workloads.training.distributed import training_device
from thesis_workloads.training.evaluation import evaluate


def train(config: RePrConfig, data: ImageSplits, reporter: Reporter) -> nn.Module:
    """Trains one network and returns it, with all of its filters, on the CPU.

    Reports once per finished epoch. The held-out part is measured on whatever network is trained at the
    time. The test part is read after the last epoch, by the last network and by that of the epoch with the best
    held-out accuracy (``best/...``), and is in that epoch's report.

    Raises:
        ValueError: if the configuration, or what it asks of the data, is wrong: before any training.
        FloatingPointError: if a loss stops being finite.
    """
    validate(config)
    device = training_device(config.device)
    plan, identity = generations(config), _identity(config)
    saved = reporter.resume()
    current = generation_at(plan, saved["epoch"] - 1 if saved else 0)
    run = _start(config, data, device, current)
    if current != plan[-1]:
        _start(config, data, torch.device("cpu"), plan[-1])  # refuses the student before its teacher trains
    first = 0
    if saved is None and is_file(config.teacher):
        run.teacher = read_teacher(
            Path(config.teacher), images=data.train.images, num_classes=data.num_classes, device=device
        )
    elif saved is not None:
        first = load_training_state(run, saved, identity=identity)
        run.teacher = load_teacher(
            saved["teacher"], images=data.train.images, num_classes=data.num_classes, device=device
        )
    parts = {"train": _on(data.train, device), "val": _on(data.val, device)}
    for epoch in range(first, config.epochs):
        if epoch == current.first + current.epochs:
            run, current = _next_generation(config, data, run, current, plan)
        metrics = run_epoch(config, run, parts, current, epoch=epoch)
        run.best = better_epoch(run.best, run.active, run.kept, metrics)
        if epoch == config.epochs - 1 and len(data.test.labels) > 0:
            on_device = _on(data.test, device)
            test = evaluate(run.active, *on_device)
            gap = metrics["train/accuracy"] - test.accuracy
            metrics |= {"test/loss": test.loss, "test/accuracy": test.accuracy, "test/gap": gap}
            if run.best is not None:
                metrics |= tested_best(run.best, run.full, run.convs, *on_device)
        reporter.report(metrics, state=partial(save_training_state, run, epoch=epoch + 1, identity=identity))
    return full_network(run)


def _identity(config: RePrConfig) -> dict[str, str]:
    fields = ("model", "batch_norm", "optimizer", "scheme", "teacher")
    return {field: str(getattr(config, field)) for field in fields}


def _next_generation(
    config: RePrConfig, data: ImageSplits, run: Run, before: Generation, plan: tuple[Generation, ...]
) -> tuple[Run, Generation]:
    device = next(run.full.parameters()).device
    teacher = as_teacher(full_network(run).to(device), model=before.model, batch_norm=config.batch_norm)
    current = plan[before.index + 1]
    new = _start(config, data, device, current)
    new.teacher = teacher
    return new, current


def _start(config: RePrConfig, data: ImageSplits, device: torch.device, current: Generation) -> Run:
    if len(data.train.labels) == 0:
        raise ValueError(f"num_train must leave images to train on, got {len(data.train.labels)=}")
    _, channels, height, width = data.train.images.shape
    make_network = partial(
        _new_network,
        current.model,
        device=device,
        dtype=data.train.images.dtype,
        in_channels=channels,
        image_size=(height, width),
        num_classes=data.num_classes,
        batch_norm=config.batch_norm,
        dropout=config.dropout,
    )
    network = make_network(current.seed)
    convs = prunable_convs(current.model, network)
    if current.scheme == "repr":
        _check_prunable(config, network, convs, data)
    if current.scheme == "later-layers":
        later_modules(network, convs, num_early_layers=config.num_early_layers)
    make_optimizer = partial(
        build_repr_optimizer,
        config.optimizer,
        learning_rate=config.learning_rate,
        momentum=config.momentum,
        weight_decay=config.weight_decay,
    )
    return Run(
        full=network,
        convs=convs,
        make_optimizer=make_optimizer,
        generation=current.index,
        compiles=config.compile,
        make_network=make_network,
    )


def _new_network(
    model: str, seed: int, *, device: torch.device, dtype: torch.dtype, **options: Any
) -> nn.Module:
    return same_layout(build_network(model, **options, seed=seed).to(device, dtype))


def _check_prunable(
    config: RePrConfig, network: nn.Module, convs: tuple[PrunableConv, ...], data: ImageSplits
) -> None:
    widths = {conv.conv: len(filters(network, conv)) for conv in convs}
    check_prunable(widths, p=config.p, min_filters=config.min_filters, rank_first_conv=config.rank_first_conv)
    if config.metric == "oracle" and len(data.val.labels) == 0:
        raise ValueError(f"data must have held-out images for oracle, got {len(data.val.labels)=}")


def _on(part: LabelledImages, device: torch.device) -> tuple[Images, Tensor]:
    return part.images.to(device), part.labels.to(device)
