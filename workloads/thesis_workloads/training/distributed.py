"""Data-parallel workers by plain `torch.distributed`: everything here is a no-op in a single process.

Batch normalisation uses the statistics of each worker's own part of the batch. Its running
statistics are those of rank 0, sent to the others before anything is evaluated or ranked.
"""

import os
from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel


def is_distributed() -> bool:
    """Returns whether more than one worker trains together."""
    return dist.is_available() and dist.is_initialized() and dist.get_world_size() > 1


def rank() -> int:
    """Returns the number of this worker, 0 in a single process."""
    return dist.get_rank() if is_distributed() else 0


def world_size() -> int:
    """Returns the number of workers."""
    return dist.get_world_size() if is_distributed() else 1


def wrap(network: nn.Module) -> nn.Module:
    """Returns the network with averaged gradients where there are several workers, else itself.

    Parameters are sent from rank 0 once, here. Buffers are not sent at every step: in training mode
    batch normalisation doesn't read them, so `broadcast_buffers` after an epoch gives the same result.
    """
    if not is_distributed():
        return network
    return DistributedDataParallel(network, broadcast_buffers=False, gradient_as_bucket_view=True)


def broadcast_buffers(network: nn.Module) -> None:
    """Gives every worker the buffers of rank 0."""
    if is_distributed():
        for buffer in network.buffers():
            dist.broadcast(buffer, src=0)


def broadcast(values: Tensor) -> Tensor:
    """Returns the values of rank 0 on every worker (on a device that the backend can send from)."""
    if is_distributed():
        dist.broadcast(values, src=0)
    return values


def all_sum(values: Tensor) -> Tensor:
    """Returns the sum over all workers."""
    if is_distributed():
        dist.all_reduce(values)
    return values


def training_device(name: str) -> torch.device:
    """Returns the device for "auto", "cpu" or "cuda"; each worker of a machine takes its own accelerator.

    Raises:
        ValueError: if an accelerator is asked for and none is there, or the name is another.
    """
    if name not in ("auto", "cpu", "cuda"):
        raise ValueError(f"device must be auto, cpu or cuda, got device={name!r}")
    if name == "cuda" and not torch.cuda.is_available():
        raise ValueError("device must be cpu or auto on a machine without an accelerator, got device='cuda'")
    if name == "cpu" or not torch.cuda.is_available():
        return torch.device("cpu")
    return torch.device("cuda", int(os.environ.get("LOCAL_RANK", "0")) % torch.cuda.device_count())


def gather_list(items: list[Any]) -> list[Any]:
    """Returns the lists of all workers, one behind the other in the order of their ranks, on every worker."""
    if not is_distributed():
        return items
    parts: list[list[Any]] = [[] for _ in range(world_size())]
    dist.all_gather_object(parts, items)
    return [item for part in parts for item in part]
