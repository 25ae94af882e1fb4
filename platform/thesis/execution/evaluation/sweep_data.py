"""The adversarial sets that a sweep of the defence is tried on: made once on Ray Data, then only read."""

import logging
from functools import partial
from pathlib import Path

import torch

from thesis.execution.cluster.connection import ray_session
from thesis.execution.cluster.ray_data import is_in_worker
from thesis.execution.evaluation.adversarial_store import (
    chunk_file,
    chunk_key,
    provenance,
    read_chunk,
    sets_root,
)
from thesis.execution.evaluation.attack_stage import ClassifierSource
from thesis.execution.evaluation.images import Chunk, chunks_of, find_images
from thesis.execution.evaluation.pipeline import Throughput, make_sets
from thesis.execution.evaluation.run import catalog_source
from thesis.execution.storage.cache import cache_root
from thesis.execution.storage.filesystems import StorageLocation, exists
from thesis_workloads.contract.digest import digest
from thesis_workloads.contract.errors import UserError
from thesis_workloads.contract.evaluation import CLEAN, AttackSpec, parse_attacks
from thesis_workloads.systems.pixel_deflection.config import PixelDeflectionConfig
from thesis_workloads.systems.pixel_deflection.experiment import ATTACK_SETTINGS
from thesis_workloads.systems.pixel_deflection.train import AttackedImages, AttackedSets

DATA_FIELDS = (
    "data",
    "labels",
    "num_val",
    "attacks",
    "attack_scale",
    "batch_size",
    "epochs",
    "classifier",
    "weights",
)
_log = logging.getLogger(__name__)


def load(config: PixelDeflectionConfig, data_dir: Path | None) -> AttackedSets:
    """Returns the validation part of a config's images under its attacks, made first where it is missing.

    Raises:
        ValueError: if there are no images, or fewer chunks of them than the trial has steps.
    """
    try:
        source = catalog_source(config.classifier, weights=config.weights)
        return load_for(source, config, data_dir)
    except UserError as error:
        raise ValueError(str(error)) from error


def load_for(
    source: ClassifierSource, config: PixelDeflectionConfig, data_dir: Path | None, *, part: str = "val"
) -> AttackedSets:
    """Returns the sets for a classifier, as `load`, of that part of the images."""
    store = sets_root(data_dir)
    images = find_images(
        config.data, labels=config.labels, part=part, max_images=config.num_val, cache=cache_root(data_dir)
    )
    chunks = chunks_of(images, size=config.batch_size)
    if config.epochs > len(chunks):
        raise ValueError(
            f"epochs must be at most {len(chunks)}, the chunks of {config.batch_size} that {images.name} has,"
            f" got epochs={config.epochs}"
        )
    attacks = parse_attacks(config.attacks.split("+"), ATTACK_SETTINGS[config.attack_scale])
    made_by = {
        (chunk.number, attack.label): provenance(source.identity(), attack, chunk)
        for chunk in chunks
        for attack in attacks
    }
    files = {key: chunk_file(store, each) for key, each in made_by.items()}
    if not all(exists(file) for file in files.values()):
        _make(source, list(attacks), chunks, store)
    keys = [chunk_key(each) for each in made_by.values()]
    return AttackedSets(
        parts=tuple(partial(_read, file, is_clean=attack == CLEAN) for (_, attack), file in files.items()),
        classifier=source.load(),
        name=images.name,
        version=f"{len(images.photographs)} images, {len(attacks) - 1} attacks, {source.name}",
        digest=digest(keys, 16),
    )


def _make(
    source: ClassifierSource, attacks: list[AttackSpec], chunks: list[Chunk], store: StorageLocation
) -> None:
    if is_in_worker():
        raise ValueError(
            f"the adversarial sets in {store} are not on this machine; use a --data-dir, or THESIS_SETS_DIR, that"
            " all machines share"
        )
    num_images = sum(len(chunk.photographs) for chunk in chunks)
    names = ", ".join(attack.label for attack in attacks if attack.name != CLEAN)
    # Python prints a warning that nobody handles as a bare line on standard error.
    _log.warning("making the adversarial images of %d photographs once: %s", num_images, names)
    with ray_session(dashboard=False):
        make_sets(attacks, chunks, source, store=store, throughput=Throughput())


def _read(file: str, *, is_clean: bool) -> AttackedImages:
    chunk = read_chunk(file)
    undefended = [row["adversarial_prediction"] for row in chunk.attacked_rows]
    return AttackedImages(
        is_clean=is_clean,
        ids=chunk.ids,
        labels=chunk.labels,
        images=chunk.adversarial,
        saliency=chunk.saliency,
        undefended=torch.tensor(undefended, dtype=torch.int64),
    )
