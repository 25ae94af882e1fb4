"""A trained network that teaches another: frozen, in evaluation mode, and part of the run's state."""

from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from thesis_workloads.contract.reporter import State
from thesis_workloads.datasets.images.streamed_images import StreamedImages
from thesis_workloads.systems.repr.networks.catalog import build_network, same_layout
from thesis_workloads.training.saved_file import read_saved


@dataclass(frozen=True, kw_only=True)
class Teacher:
    """A network and what is needed to build it again."""

    model: str
    batch_norm: bool
    network: nn.Module


def as_teacher(network: nn.Module, *, model: str, batch_norm: bool) -> Teacher:
    """Returns the network as a teacher; it is frozen in place."""
    return Teacher(model=model, batch_norm=batch_norm, network=network.requires_grad_(False).eval())


def teacher_state(teacher: Teacher | None) -> State:
    """Returns the state that `load_teacher` reads: copies on the CPU and plain values; empty without a teacher."""
    if teacher is None:
        return {}
    weights = {name: value.cpu().clone() for name, value in teacher.network.state_dict().items()}
    return {"model": teacher.model, "batch_norm": teacher.batch_norm, "weights": weights}


def load_teacher(
    state: State, *, images: Tensor | StreamedImages, num_classes: int, device: torch.device
) -> Teacher | None:
    """Returns the teacher of a state, for images like these (N, C, H, W), or None for an empty state."""
    if not state:
        return None
    network = build_network(
        state["model"],
        in_channels=images.shape[1],
        image_size=(images.shape[2], images.shape[3]),
        num_classes=num_classes,
        batch_norm=state["batch_norm"],
        dropout=0.0,
        seed=0,
    )
    network.load_state_dict(state["weights"])
    placed = same_layout(network.to(device, images.dtype))
    return as_teacher(placed, model=state["model"], batch_norm=state["batch_norm"])


def read_teacher(
    path: Path, *, images: Tensor | StreamedImages, num_classes: int, device: torch.device
) -> Teacher:
    """Returns the network of a RePr run whose state was saved to the file.

    Raises:
        ValueError: if there is no such file, it is no such state, or the network was trained for other
            images or classes.
    """
    if not path.is_file():
        raise ValueError(f"teacher must be none, a network or the file of a run's state, got teacher={path}")
    saved: State = read_saved(path)
    if not isinstance(saved, dict) or "identity" not in saved or saved.get("phase") != "full":
        raise ValueError(
            f"teacher must be a run's state after an epoch of the full network, got teacher={path}"
        )
    model, batch_norm = saved["identity"]["model"], saved["identity"].get("batch_norm") == "True"
    try:
        teacher = load_teacher(
            {"model": model, "batch_norm": batch_norm, "weights": saved["full"]},
            images=images,
            num_classes=num_classes,
            device=device,
        )
    except RuntimeError as error:
        raise ValueError(f"teacher must fit these images and classes, got teacher={path}: {error}") from error
    assert teacher is not None
    return teacher
