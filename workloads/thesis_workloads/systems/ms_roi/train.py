"""Training of the MS-ROI network from image-level labels: Adam on the binary cross entropy of every class."""

import time
from collections.abc import Callable
from functools import partial
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from thesis_workloads.contract.reporter import Reporter
from thesis_workloads.metrics.localisation import MEASURES, localisation, trivial_maps
from thesis_workloads.metrics.multilabel import areas_under_curve, hamming_all_negative, hamming_loss
from thesis_workloads.saliency.maps import class_map, region_map
from thesis_workloads.systems.ms_roi.config import RegionNetworkConfig
from thesis_workloads.systems.ms_roi.data import LabelledPart, RegionData
from thesis_workloads.systems.ms_roi.model import RegionNetwork
from thesis_workloads.systems.ms_roi.state import STATE_VERSION, identity_of
from thesis_workloads.systems.ms_roi.validation import validate
from thesis_workloads.training.batches import epoch_order
from thesis_workloads.training.distributed import all_sum, training_device, wrap
from thesis_workloads.training.loop import backward_mean, check_finite, local_share, named
from thesis_workloads.training.optimizers import build_optimizer
from thesis_workloads.training.seeding import seeded
from thesis_workloads.training.state import load_training_state, save_training_state

LEARNED_THRESHOLD = 0.0  # of Z, which has the learned offset of its class taken off
_EVALUATION_BATCH = 64


def train(config: RegionNetworkConfig, data: RegionData, reporter: Reporter) -> RegionNetwork:
    """Trains one network and returns it on the CPU.

    Reports once per finished epoch. The test part is read once, after the last epoch: its labels, and where
    masks are known how well maps lie on the objects, next to maps that do not depend on the image.

    Raises:
        ValueError: if the configuration is wrong, or the state to resume from is of another run.
        FloatingPointError: if the loss stops being finite.
    """
    validate(config)
    device = training_device(config.device)
    network = build_network(config, num_classes=len(data.class_names)).to(device)
    wrapped = wrap(network)
    optimizer = build_optimizer(
        "adam", network, learning_rate=config.learning_rate, momentum=0.0, weight_decay=config.weight_decay
    )
    shared: dict[str, Any] = {"version": STATE_VERSION, "identity": identity_of(config, data)}
    first = load_training_state(network, optimizer, reporter.resume(), **shared)
    shared["class_names"] = list(data.class_names)
    for epoch in range(first, config.epochs):
        metrics = _epoch(config, wrapped, optimizer, data.train, epoch=epoch)
        metrics |= named("val", label_scores(network, data.val))
        check_finite(metrics, epoch=epoch + 1, learning_rate=config.learning_rate)
        if epoch == config.epochs - 1:
            metrics |= named("test", label_scores(network, data.test) | map_scores(network, data.test))
        save = partial(save_training_state, network, optimizer, epoch=epoch + 1, **shared)
        reporter.report(metrics, state=save)
    return network.cpu()


def build_network(config: RegionNetworkConfig, *, num_classes: int) -> RegionNetwork:
    """Returns the network of a configuration with the weights of its seed."""
    with seeded("weights", config.seed):
        network = RegionNetwork(
            num_classes=num_classes,
            stages=config.stages,
            width=config.width,
            maps_per_class=config.maps_per_class,
            input_size=config.image_size,
        )
    return network.to(memory_format=torch.channels_last)  # type: ignore[call-overload, no-any-return]


@torch.no_grad()
def label_scores(network: RegionNetwork, part: LabelledPart) -> dict[str, float]:
    """Returns loss, macro AUC and Hamming loss of the labels, and the trivial value of the last."""
    device = next(network.parameters()).device
    logits = torch.cat(
        [network(_floats(images, device)).cpu() for images in part.images.split(_EVALUATION_BATCH)]
    )
    return {
        "loss": float(F.binary_cross_entropy_with_logits(logits, part.labels)),
        "auc": areas_under_curve(logits, part.labels).macro,
        "hamming_loss": hamming_loss(logits.sigmoid(), part.labels),
        "hamming_loss_all_negative": hamming_all_negative(part.labels),
    }


def map_scores(network: RegionNetwork, part: LabelledPart) -> dict[str, float]:
    """Returns the localisation scores of MS-ROI, CAM and trivial maps; nothing where no masks are known."""
    if part.masks is None:
        return {}
    shown = part.masks.flatten(1).any(1)
    images, masks = part.images[shown], part.masks[shown]
    device = next(network.parameters()).device
    makers: dict[str, Callable[..., Tensor]] = {
        "ms-roi": partial(region_map, threshold=LEARNED_THRESHOLD),
        "cam": class_map,
    }
    found = {
        name: torch.cat([make(network, each.to(device)).cpu() for each in images.split(_EVALUATION_BATCH)])
        for name, make in makers.items()
    }
    found |= {
        name: each.expand(len(images), -1, -1) for name, each in trivial_maps(*masks.shape[-2:]).items()
    }
    return {
        f"{name}_{measure}": float(values.mean())
        for name, maps in found.items()
        for measure, values in localisation(maps, masks).items()
        if measure in MEASURES
    }


def _epoch(
    config: RegionNetworkConfig,
    network: nn.Module,
    optimizer: torch.optim.Optimizer,
    part: LabelledPart,
    *,
    epoch: int,
) -> dict[str, float]:
    """Trains one epoch, counted from 0, and returns its metrics, of all workers together."""
    began = time.perf_counter()
    network.train()
    order = epoch_order(len(part.images), seed=config.seed, epoch=epoch)
    total = torch.zeros(1, dtype=torch.float64, device=next(network.parameters()).device)
    for batch in order.split(config.batch_size):
        total += _step(network, optimizer, part, batch=batch)
    return {
        "epoch": epoch + 1,
        "train/loss": float(all_sum(total) / (len(order) * part.labels.shape[1])),
        "learning_rate": config.learning_rate,
        "time/epoch_s": time.perf_counter() - began,
    }


def _step(
    network: nn.Module, optimizer: torch.optim.Optimizer, part: LabelledPart, *, batch: Tensor
) -> Tensor:
    """Takes one step over a global batch; returns this worker's part of the loss, summed over labels."""
    mine, weight = local_share(batch)
    device = next(network.parameters()).device
    optimizer.zero_grad(set_to_none=True)
    logits = network(_floats(part.images[mine], device))
    loss = F.binary_cross_entropy_with_logits(logits, part.labels[mine].to(device), reduction="sum")
    backward_mean(loss, weight=weight, count=len(batch) * logits.shape[1])
    optimizer.step()
    return loss.detach().double() * weight


def _floats(images: Tensor, device: torch.device) -> Tensor:
    return (images.to(device).float() / 255).contiguous(memory_format=torch.channels_last)
