"""The complete state of a run between two epochs, and the network that it holds, words and answers included."""

import dataclasses
from collections.abc import Mapping

import torch
from torch import Tensor, nn

from thesis_workloads.contract.reporter import State
from thesis_workloads.systems.highway_vqa.config import HighwayVQAConfig
from thesis_workloads.systems.highway_vqa.data import VisualQuestionData
from thesis_workloads.systems.highway_vqa.model import Sizes, VQANetwork
from thesis_workloads.training.optimizers import load_slots, read_slots
from thesis_workloads.training.seeding import seeded

STATE_VERSION = 1
_SHAPING = (
    "model",
    "words_per_layer",
    "padding",
    "carry",
    "projection",
    "width",
    "question",
    "words",
    "word_order",
    "normalisation",
)


@dataclasses.dataclass(frozen=True, kw_only=True)
class TrainedVQA:
    """A network that needs no data to be used."""

    network: VQANetwork
    words: tuple[str, ...]  # by number, marks first
    answers: tuple[str, ...]  # by number


def build(config: HighwayVQAConfig, sizes: Sizes) -> VQANetwork:
    """Returns the network of a configuration with the weights of its seed."""
    with seeded("weights", config.seed):
        return VQANetwork(
            config.model,
            sizes=sizes,
            width=config.width,
            words_per_layer=config.words_per_layer,
            padding=config.padding,
            carry=config.carry,
            projection=config.projection,
            is_mirrored=config.question == "forward+reversed",
            dropout=config.dropout,
        )


def snapshot(
    network: nn.Module,
    optimizer: torch.optim.Optimizer,
    config: HighwayVQAConfig,
    data: VisualQuestionData,
    sizes: Sizes,
    *,
    epoch: int,
) -> State:
    """Returns the state after ``epoch`` finished epochs, as copies on the CPU and plain values.

    The order of the questions and the dropout of an epoch follow from seed and epoch, so no generator is kept.
    """
    return {
        "version": STATE_VERSION,
        "epoch": epoch,
        "identity": identity_of(config, data),
        "sizes": dataclasses.asdict(sizes),
        "words": list(data.vocabulary.words),
        "answers": list(data.answers),
        "network": _copied(network.state_dict()),
        "slots": {name: _copied(state) for name, state in read_slots(optimizer, network).items()},
    }


def revive(
    network: nn.Module,
    optimizer: torch.optim.Optimizer,
    state: State | None,
    config: HighwayVQAConfig,
    data: VisualQuestionData,
) -> int:
    """Puts network and optimizer where the snapshot was taken; returns the number of finished epochs.

    Raises:
        ValueError: if the snapshot is of another version, network or set of questions.
    """
    if state is None:
        return 0
    _check_version(state)
    if state["identity"] != identity_of(config, data):
        raise ValueError(f"state must be of {identity_of(config, data)}, got {state['identity']}")
    network.load_state_dict(state["network"])
    load_slots(optimizer, network, state["slots"])
    return int(state["epoch"])


def restore(config: HighwayVQAConfig, state: State) -> TrainedVQA:
    """Returns the trained network of a state in evaluation mode: no data are needed.

    Raises:
        ValueError: if the state is of another version.
    """
    _check_version(state)
    network = build(config, Sizes(**state["sizes"]))
    network.load_state_dict(state["network"])
    return TrainedVQA(network=network.eval(), words=tuple(state["words"]), answers=tuple(state["answers"]))


def identity_of(config: HighwayVQAConfig, data: VisualQuestionData) -> dict[str, str]:
    """Returns what a state must have been saved of to go on with it."""
    return {
        **{field: str(getattr(config, field)) for field in _SHAPING},
        "questions": data.digest,
        "features": data.version,
    }


def _check_version(state: State) -> None:
    if state.get("version") != STATE_VERSION:
        raise ValueError(f"state must have version {STATE_VERSION}, got version={state.get('version')}")


def _copied(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {name: tensor.detach().cpu().clone() for name, tensor in tensors.items()}
