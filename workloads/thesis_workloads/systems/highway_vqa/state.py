"""The complete state of a run between two epochs, and the network that it holds, words and answers included."""

import dataclasses
from typing import Any

from thesis_workloads.contract.reporter import State
from thesis_workloads.systems.highway_vqa.config import HighwayVQAConfig
from thesis_workloads.systems.highway_vqa.data import VisualQuestionData
from thesis_workloads.systems.highway_vqa.model import Sizes, VQANetwork
from thesis_workloads.training.seeding import seeded
from thesis_workloads.training.state import check_state

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


def contents_of(data: VisualQuestionData, sizes: Sizes) -> dict[str, Any]:
    """Returns the sizes, words and answers of a state, with which its network can be used without data."""
    return {
        "sizes": dataclasses.asdict(sizes),
        "words": list(data.vocabulary.words),
        "answers": list(data.answers),
    }


def load_model(config: HighwayVQAConfig, state: State) -> TrainedVQA:
    """Returns the trained network of a state in evaluation mode: no data are needed.

    Raises:
        ValueError: if the state is of another version.
    """
    check_state(state, version=STATE_VERSION)
    network = build(config, Sizes(**state["sizes"]))
    network.load_state_dict(state["network"])
    return TrainedVQA(network=network.eval(), words=tuple(state["words"]), answers=tuple(state["answers"]))


def identity_of(config: HighwayVQAConfig, data: VisualQuestionData) -> dict[str, str]:
    """Returns the settings and data digests that a run and a state must share to resume."""
    return {
        **{field: str(getattr(config, field)) for field in _SHAPING},
        "questions": data.digest,
        "features": data.version,
    }
