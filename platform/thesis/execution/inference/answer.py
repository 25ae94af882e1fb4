"""A user's question about an image, answered by a trained network; needs no Ray."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from thesis.execution.preparation.backbone_source import BackboneSource
from thesis.execution.preparation.image_features import source_of
from thesis.execution.storage.trained_models import TrainedModel, find_best_model
from thesis_workloads.contract.errors import UserError
from thesis_workloads.systems.highway_vqa.experiment import HIGHWAY_VQA

if TYPE_CHECKING:
    from thesis_workloads.systems.highway_vqa.ask import Answer


@dataclass(frozen=True, kw_only=True)
class ImageAnswers:
    """The answers of a trained network to questions about an image."""

    run: str
    model: str  # and the backbone
    replies: tuple["Answer", ...]  # one per question
    notes: tuple[str, ...] = ()  # what was changed to read the image


def ask_about(
    image: Path,
    questions: Sequence[str],
    *,
    output_dir: Path,
    run: str | None,
    data_dir: Path | None,
    top: int,
) -> ImageAnswers:
    """Returns the likeliest answers to each question.

    Raises:
        UserError: if there is no trained model, the image can't be read, or a question has no word.
    """
    if not image.is_file():
        raise UserError(f"there is no image {image}")
    import torch

    from thesis_workloads.imaging.still_image import read_upright
    from thesis_workloads.systems.highway_vqa.ask import ask
    from thesis_workloads.systems.highway_vqa.features import features_of_chunk
    from thesis_workloads.systems.highway_vqa.state import load_model

    found = find_best_model(HIGHWAY_VQA, output_dir, run)
    try:
        _, notes = read_upright(image)
    except (OSError, ValueError) as error:
        raise UserError(f"{image} can't be read as an image: {error}") from error
    try:
        trained = load_model(found.config, found.state)
        source = _source(found, data_dir)
        vectors, (problem,) = features_of_chunk(source.load(), [str(image)], size=found.config.image_size)
        if problem:
            raise UserError(f"{image} can't be read as an image: {problem}")
        features = torch.from_numpy(vectors[0])
        replies = tuple(ask(trained, features, question, top=top) for question in questions)
    except (ValueError, RuntimeError) as error:
        raise UserError(f"{found.folder.name}: {error}") from error
    return ImageAnswers(
        run=found.folder.name,
        model=f"{found.config.model} on {source.identity}",
        replies=replies,
        notes=notes,
    )


def _source(found: TrainedModel, data_dir: Path | None) -> BackboneSource:
    source = source_of(found.config, data_dir or found.data_dir)
    if not str(found.state["identity"]["features"]).endswith(
        f"{source.identity}, {found.config.image_size} px"
    ):
        raise ValueError(
            f"it was trained with features of {found.state['identity']['features']}, not of {source.identity}"
        )
    return source
