"""Training of the MS-ROI network from image-level labels: Adam on the binary cross entropy of every class."""

import math
import time
from collections.abc import Callable
from functools import partial

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
from thesis_workloads.systems.ms_roi.snapshot import restore, snapshot
from thesis_workloads.systems.ms_roi.validation import validate
from thesis_workloads.training.batches import epoch_order, local_part
from thesis_workloads.training.distributed import all_sum, rank, training_device, world_size, wrap
from thesis_workloads.training.optimizers import build_optimizer
from thesis_workloads.training.seeding import seeded

LEARNED_THRESHOLD = 0.0  # of Z, which has the learned offset of its class taken off
_EVALUATION_BATCH = 64


def train(config: RegionNetworkConfig, data: RegionData, reporter: Reporter) -> RegionNetwork:
    """Trains one network and returns it on the CPU.

    Reports once per finished epoch. The test part is read once, after the last epoch: its labels, and where
    masks are known how well maps lie on the objects, beside those that know nothing of the image.

    Raises:
        ValueError: if the configuration is wrong, or the state to go on from is of another run.
        FloatingPointError: if the loss stops being finite.
    """
    validate(config)
    device = training_device(config.device)
    network = build_network(config, num_classes=len(data.class_names)).to(device)
    wrapped = wrap(network)
    optimizer = build_optimizer(
        "adam", network, learning_rate=config.learning_rate, momentum=0.0, weight_decay=config.weight_decay
    )
    saved = reporter.resume()
    first = 0 if saved is None else restore(network, optimizer, saved, config=config, data=data)
    for epoch in range(first, config.epochs):
        metrics = _epoch(config, wrapped, optimizer, data.train, epoch=epoch)
        metrics |= {f"val/{name}": value for name, value in label_scores(network, data.val).items()}
        if not math.isfinite(metrics["train/loss"]):
            raise FloatingPointError(
                f"train/loss became {metrics['train/loss']} in epoch {epoch + 1} at"
                f" learning_rate={config.learning_rate:g}"
            )
        if epoch == config.epochs - 1:
            test = label_scores(network, data.test) | map_scores(network, data.test)
            metrics |= {f"test/{name}": value for name, value in test.items()}
        reporter.report(
            metrics, state=partial(snapshot, network, optimizer, epoch=epoch + 1, config=config, data=data)
        )
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
    """Returns loss, macro AUC and Hamming loss of the labels, the trivial value beside the last."""
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
    """Returns how well MS-ROI, CAM and trivial maps lie on the objects; nothing where no masks are known."""
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
    mine = local_part(batch, rank=rank(), world_size=world_size())
    is_idle = len(mine) == 0
    # A worker without images must still join the exchange of gradients: one image of weight zero.
    mine = batch[:1] if is_idle else mine
    device = next(network.parameters()).device
    optimizer.zero_grad(set_to_none=True)
    logits = network(_floats(part.images[mine], device))
    loss = F.binary_cross_entropy_with_logits(logits, part.labels[mine].to(device), reduction="sum")
    (loss * (0.0 if is_idle else world_size() / (len(batch) * logits.shape[1]))).backward()
    optimizer.step()
    return loss.detach().double() * (0.0 if is_idle else 1.0)


def _floats(images: Tensor, device: torch.device) -> Tensor:
    return (images.to(device).float() / 255).contiguous(memory_format=torch.channels_last)
