"""Backbones that are trained here, with and without RePr, from one recipe (table 5.8).

The dissertation takes a network trained on ImageNet. Here a small residual network learns the eighteen kinds of single
shape in generated scenes, by the standard scheme or by RePr with the same number of epochs, the same first
weights and the same order of images; its maps before the classifier are the features. The network of
your own run of RePr on other data is a torchvision network with `backbone_weights`.
"""

import logging
from pathlib import Path
from typing import TYPE_CHECKING

from thesis.execution.storage.cache import cache_root as adversarial_root
from thesis.files import atomic_path
from thesis_workloads.contract.digest import digest
from thesis_workloads.systems.highway_vqa.config import HighwayVQAConfig

if TYPE_CHECKING:
    from thesis.execution.preparation.backbone_source import BackboneSource
    from thesis_workloads.datasets.images.labelled_images import ImageSplits
    from thesis_workloads.systems.highway_vqa.backbones import Backbone
    from thesis_workloads.systems.repr.config import RePrConfig

TRAINED = {"trained-standard": "standard", "trained-repr": "repr"}
"""Backbones by name, and the scheme that trains them."""

_NUM_IMAGES = {"train": 720, "val": 180}
_MEAN, _DEVIATION = 0.85, 0.2  # of the scenes' pixels, mostly ground
_FIRST_SEED = 10_000_000  # of the scenes of one shape; those of the questions start at 0
_CLASSES_VERSION = 1
_log = logging.getLogger(__name__)


def recipe(scheme: str, *, seed: int) -> "RePrConfig":
    """Returns the settings that both schemes share, and the scheme."""
    from thesis_workloads.systems.repr.config import RePrConfig

    return RePrConfig(
        model="resnet-8",
        scheme=scheme,
        epochs=24,  # after the third round nine are left to learn with all filters
        s1=3,
        s2=2,
        n=3,
        p=30.0,
        batch_size=32,
        optimizer="adam",
        learning_rate=2e-3,
        seed=seed,
        device="cpu",
    )


def single_shapes(image_size: int) -> "ImageSplits":
    """Returns generated scenes of one shape with their eighteen classes; there is no test part."""
    import torch

    from thesis_workloads.datasets.images.labelled_images import ImageSplits, LabelledImages
    from thesis_workloads.datasets.vqa.image_references import to_tensor
    from thesis_workloads.datasets.vqa.scenes import CLASSES, render, scene_objects

    parts = {}
    for number, (part, count) in enumerate(_NUM_IMAGES.items()):
        images = torch.zeros(count, 3, image_size, image_size)
        labels = torch.zeros(count, dtype=torch.int64)
        for place in range(count):
            seed = _FIRST_SEED * (number + 1) + place
            objects = scene_objects(seed, num_objects=1)
            images[place] = to_tensor(render(objects, seed=seed), size=image_size)
            labels[place] = CLASSES.index(objects[0].name)
        parts[part] = (images, labels)
    made = {
        part: LabelledImages(images=(images - _MEAN) / _DEVIATION, labels=labels)
        for part, (images, labels) in parts.items()
    }
    empty = LabelledImages(images=made["val"].images[:0], labels=made["val"].labels[:0])
    version = str(_CLASSES_VERSION)
    return ImageSplits(
        **made, test=empty, num_classes=len(CLASSES), name="single shapes", version=version, digest=version
    )


def trained_source(config: HighwayVQAConfig, data_dir: Path | None) -> "BackboneSource":
    """Returns a backbone that is trained here, once, and then read from the cache."""
    from thesis.execution.preparation.backbone_source import BackboneSource

    scheme = TRAINED[config.backbone]
    made_by = [
        _CLASSES_VERSION,
        repr(recipe(scheme, seed=config.feature_seed)),
        config.image_size,
        _NUM_IMAGES,
    ]
    identity = f"{config.backbone} {digest(made_by, 10)}"
    path = adversarial_root(data_dir).with_name("backbones") / f"{identity.replace(' ', '-')}.pt"
    if not path.exists():
        _train(config, scheme, path)
    size, grid = config.image_size, config.grid
    name = f"{identity}, grid {grid}"
    return BackboneSource(identity=name, load=lambda: _load(path, name, scheme, size, grid))


def _train(config: HighwayVQAConfig, scheme: str, path: Path) -> None:
    import torch

    from thesis_workloads.contract.reporter import MemoryReporter
    from thesis_workloads.systems.repr.train import train

    _log.warning("training the backbone once: %s, seed %d", config.backbone, config.feature_seed)
    data = single_shapes(config.image_size)
    reporter = MemoryReporter(keep_state=False)
    network = train(recipe(scheme, seed=config.feature_seed), data, reporter)
    _log.warning(
        "%s: %.1f%% of unseen single shapes", config.backbone, 100 * reporter.rows[-1]["val/accuracy"]
    )
    with atomic_path(path) as unfinished:
        torch.save(network.state_dict(), unfinished)


def _load(path: Path, identity: str, scheme: str, size: int, grid: int) -> "Backbone":
    import torch

    from thesis_workloads.datasets.vqa.scenes import CLASSES
    from thesis_workloads.systems.highway_vqa.backbones import Backbone, MapsByCell
    from thesis_workloads.systems.repr.networks.catalog import build_network

    settings = recipe(scheme, seed=0)
    network = build_network(
        settings.model,
        in_channels=3,
        image_size=(size, size),
        num_classes=len(CLASSES),
        batch_norm=settings.batch_norm,
        dropout=settings.dropout,
        seed=0,
    )
    network.load_state_dict(torch.load(path, map_location="cpu", weights_only=True))
    trunk = torch.nn.Sequential(*list(network.children())[:-3])
    mean, deviation = (_MEAN,) * 3, (_DEVIATION,) * 3
    return Backbone(MapsByCell(trunk, grid), identity=identity, mean=mean, deviation=deviation)
