"""Image features for visual question answering: made once on Ray Data, then only read.

A row of the pipeline is a chunk of images, so what is computed together is fixed; how many actors there are
changes no number. An image that is missing or damaged comes out as a row with the reason.
"""

import logging
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from thesis.execution.cluster.connection import cluster_resources, ray_session
from thesis.execution.cluster.ray_data import is_in_worker, quiet_data_context
from thesis.execution.cluster.worker_setup import set_up_worker
from thesis.execution.preparation.backbone_source import BackboneSource
from thesis.execution.preparation.feature_store import (
    ROWS,
    FeatureStore,
    add_rows,
    file_sizes,
    missing,
    open_store,
    read_features,
    table_of,
    write_part,
)
from thesis_workloads.contract.errors import UserError
from thesis_workloads.systems.highway_vqa.backbones import RANDOM, Backbone, load_backbone
from thesis_workloads.systems.highway_vqa.config import HighwayVQAConfig
from thesis_workloads.systems.highway_vqa.data import VisualQuestionData, assemble
from thesis_workloads.systems.highway_vqa.features import CHUNK, ImageFeatures, features_of_chunk, plain_loop

_FEW = 512  # images that are quicker done here than by starting Ray
_BLOCKS_PER_ACTOR = 4
_ROWS_PER_WRITE = 4096
_SHOWN = 5  # images with a problem that are named
_log = logging.getLogger(__name__)


def source_of(config: HighwayVQAConfig, data_dir: Path | None) -> BackboneSource:
    """Returns the backbone of a configuration.

    Raises:
        ValueError: if there is no such backbone or it has no weights.
    """
    from thesis.execution.preparation.trained_backbones import TRAINED, trained_source

    if config.backbone in TRAINED:
        return trained_source(config, data_dir)

    weights = _weights(config.backbone_weights, data_dir)

    def load() -> Backbone:
        return load_backbone(config.backbone, weights=weights, seed=config.feature_seed, grid=config.grid)

    return BackboneSource(identity=load().identity, load=load)


def _weights(name: str, data_dir: Path | None) -> str:
    """Returns the path of a weights file, which may lie in the data folder; workers have other folders."""
    if name in ("", RANDOM) or Path(name).is_absolute():
        return name
    if data_dir is None:
        raise ValueError(f"backbone_weights must be an absolute path, or lie in --data-dir, got {name}")
    return str(data_dir.resolve() / name)


def load(config: HighwayVQAConfig, data_dir: Path | None) -> VisualQuestionData:
    """Returns the questions of a configuration with the features of their images, made where they are missing.

    Raises:
        ValueError: if the set or the backbone is not here, or no question is left.
    """
    from thesis_workloads.datasets.vqa.visual_questions import load_questions

    splits = load_questions(
        config.data, data_dir=data_dir, num_images=config.num_images, num_val_images=config.num_val_images
    )
    features = image_features(
        source_of(config, data_dir),
        splits.images,
        name=config.data,
        image_size=config.image_size,
        data_dir=data_dir,
    )
    data = assemble(
        splits,
        features,
        num_answers=config.num_answers,
        word_vectors=config.word_vectors,
        normalisation=config.normalisation,
    )
    if data.problems and not is_in_worker():
        _log.warning("%s", describe_problems(data))
    return data


@dataclass(frozen=True, kw_only=True)
class PreparedFeatures:
    """The result of preparing the images of a set."""

    folder: Path
    num_images: int
    problems: Mapping[str, str]  # image -> why it has no features
    questions_about: Mapping[str, int]  # of each image


def prepare_features(config: HighwayVQAConfig, data_dir: Path | None) -> PreparedFeatures:
    """Makes the features of all images that a configuration asks about.

    Raises:
        UserError: if the configuration is wrong, or the set or the backbone is not here.
    """
    from thesis_workloads.datasets.vqa.visual_questions import load_questions
    from thesis_workloads.systems.highway_vqa.validation import validate

    try:
        validate(config)
        splits = load_questions(
            config.data,
            data_dir=data_dir,
            num_images=config.num_images,
            num_val_images=config.num_val_images,
        )
        source = source_of(config, data_dir)
    except (ValueError, OSError) as error:
        raise UserError(str(error)) from error
    size = config.image_size
    found = image_features(source, splits.images, name=config.data, image_size=size, data_dir=data_dir)
    questions = Counter(question.image for question in (*splits.train, *splits.val, *splits.test))
    store = open_store(data_dir, identity=source.identity, image_size=size, name=config.data)
    return PreparedFeatures(
        folder=store.folder,
        num_images=len(splits.images),
        problems=found.problems,
        questions_about=questions,
    )


def describe_problems(data: VisualQuestionData) -> str:
    """Returns a line that names images left out, with the reasons, and counts their questions."""
    named = "; ".join(f"{name}: {why}" for name, why in list(data.problems.items())[:_SHOWN])
    more = len(data.problems) - _SHOWN
    rest = f"; and {more} more" if more > 0 else ""
    return f"{len(data.problems)} images left out with {data.num_left_out} questions: {named}{rest}"


def image_features(
    source: BackboneSource, images: Mapping[str, str], *, name: str, image_size: int, data_dir: Path | None
) -> ImageFeatures:
    """Returns the features of all images, those that the store lacks made first."""
    store = open_store(data_dir, identity=source.identity, image_size=image_size, name=name)
    sizes = file_sizes(images)
    todo = missing(store, sizes)
    if todo:
        make_features(source, store, {each: images[each] for each in todo}, sizes, image_size=image_size)
    return read_features(store, sizes)


def make_features(
    source: BackboneSource,
    store: FeatureStore,
    images: Mapping[str, str],
    sizes: Mapping[str, int],
    *,
    image_size: int,
) -> Counter[str]:
    """Makes the features of all images into the store; returns how many could be read and how many not."""
    # Python prints a warning that nobody handles as a bare line on standard error.
    # A worker finds them made by the driver, unless its machine has another cache or its trial another seed.
    if len(images) <= _FEW or is_in_worker():
        vectors, problems = plain_loop(source.load(), list(images.values()), size=image_size)
        add_rows(store, images, sizes, vectors, problems)
        return Counter("unreadable" if problem else "read" for problem in problems)
    _log.warning("making the features of %d images once: %s", len(images), store.source)
    with ray_session(dashboard=False):
        return run_pipeline(source, store, images, sizes, image_size=image_size)


def run_pipeline(
    source: BackboneSource,
    store: FeatureStore,
    images: Mapping[str, str],
    sizes: Mapping[str, int],
    *,
    image_size: int,
    num_actors: int = 0,
) -> Counter[str]:
    """Makes features on Ray Data and writes them as they come; needs a connected Ray.

    Raises:
        RuntimeError: if as many rows did not come out as images went in.
    """
    import ray.data

    quiet_data_context()
    chunks = _chunks(images)
    actors = max(1, min(num_actors or int(cluster_resources().get("CPU", 1)), len(chunks)))
    rows = ray.data.from_items(chunks, override_num_blocks=min(len(chunks), _BLOCKS_PER_ACTOR * actors))
    made = rows.map_batches(
        FeatureStage,
        fn_constructor_kwargs={"load": source.load, "image_size": image_size, "sizes": dict(sizes)},
        batch_format="pyarrow",
        batch_size=1,
        compute=ray.data.ActorPoolStrategy(size=actors),
        num_cpus=1,
    )
    counts: Counter[str] = Counter()
    waiting: list[pa.Table] = []
    for batch in made.iter_batches(batch_format="pyarrow", batch_size=None):
        table = batch.select(ROWS.names).cast(ROWS)
        counts.update("unreadable" if problem else "read" for problem in table["problem"].to_pylist())
        waiting.append(table)
        if sum(map(len, waiting)) >= _ROWS_PER_WRITE:
            write_part(store, pa.concat_tables(waiting))
            waiting = []
    if waiting:
        write_part(store, pa.concat_tables(waiting))
    if counts.total() != len(images):
        raise RuntimeError(
            f"the pipeline gave {counts.total()} rows for {len(images)}: this is a fault, report it"
        )
    return counts


class FeatureStage:
    """Reads a chunk of images and computes their features; one per actor."""

    def __init__(self, load: Callable[[], Backbone], image_size: int, sizes: Mapping[str, int]) -> None:
        set_up_worker()
        self._backbone = load()
        self._image_size, self._sizes = image_size, sizes

    def __call__(self, batch: pa.Table) -> pa.Table:
        """Returns a row per image of the chunks."""
        tables = []
        for row in batch.to_pylist():
            vectors, problems = features_of_chunk(self._backbone, row["references"], size=self._image_size)
            tables.append(table_of(row["names"], self._sizes, vectors.astype(np.float32), problems))
        return pa.concat_tables(tables)


def _chunks(images: Mapping[str, str]) -> list[dict[str, Any]]:
    names = list(images)
    return [
        {
            "names": names[start : start + CHUNK],
            "references": [images[each] for each in names[start : start + CHUNK]],
        }
        for start in range(0, len(names), CHUNK)
    ]
