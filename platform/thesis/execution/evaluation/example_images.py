"""Images of an evaluation as arrays: where attacks changed them, and one image as an example.

For figures 4.1 (deflected and denoised), 4.3 (where perturbations lie) and 4.4 (maps under attack).
"""

from collections.abc import Mapping

import numpy as np
import torch

from thesis.execution.evaluation.adversarial_store import chunk_file, provenance, read_chunk
from thesis.execution.evaluation.attack_stage import ClassifierSource
from thesis.execution.evaluation.images import ImageSet, chunks_of
from thesis.execution.storage.filesystems import StorageLocation
from thesis_workloads.classifiers.classifier import Classifier
from thesis_workloads.contract.evaluation import CLEAN
from thesis_workloads.contract.evaluation_plan import EvaluationPlan
from thesis_workloads.saliency.cam import class_activation_map, robust_activation_map
from thesis_workloads.systems.pixel_deflection.config import PixelDeflectionConfig
from thesis_workloads.systems.pixel_deflection.evaluate import defend_images

COUNTS = (100, 1000, 10000)  # deflections that figure 4.1 shows


def pictures(
    plan: EvaluationPlan, images: ImageSet, source: ClassifierSource, *, store: StorageLocation
) -> Mapping[str, np.ndarray]:
    """Returns arrays by name, none if no image entered; images are ``(size, size, 3)`` in 0..1.

    ``where/<attack>``: mean absolute change ``(size, size)`` of each pixel; ``where/object``: mean map of
    the images that nobody attacked. ``example/...``: the first image, attacked, deflected, and its maps.
    """
    found: dict[str, np.ndarray] = {}
    sums: dict[str, np.ndarray] = {}
    for chunk in chunks_of(images, size=plan.chunk_size):
        files = {
            attack.label: chunk_file(store, provenance(source.identity(), attack, chunk))
            for attack in plan.attacks
        }
        clean = read_chunk(files[CLEAN])
        if not len(clean.ids):
            continue
        if not found:
            found |= _example(source.load(), clean.adversarial[:1], clean.ids[:1], files)
        _add(sums, "where/object", clean.saliency.sum(0).numpy())
        for label, file in files.items():
            if label == CLEAN:
                continue
            attacked = read_chunk(file)
            place = {name: row for row, name in enumerate(clean.ids.tolist())}
            rows = [place[name] for name in attacked.ids.tolist()]
            change = (attacked.adversarial - clean.adversarial[rows]).abs().mean(1).sum(0)
            _add(sums, f"where/{label}", change.numpy())
    return {**found, **sums}


def _add(sums: dict[str, np.ndarray], name: str, values: np.ndarray) -> None:
    sums[name] = sums[name] + values if name in sums else values


@torch.no_grad()
def _example(
    classifier: Classifier, clean: torch.Tensor, ids: torch.Tensor, files: Mapping[str, str]
) -> dict[str, np.ndarray]:
    found = {"example/image": _picture(clean)}
    saliency = robust_activation_map(classifier, clean)
    for count in COUNTS:
        for name, denoisers in (("deflected", ""), ("denoised", "wavelet")):
            config = PixelDeflectionConfig(num_deflections=count, denoisers=denoisers)
            moved = defend_images(config, clean, ids, saliency=saliency)
            found[f"example/{name}-{count}"] = _picture(moved)
    for label, file in files.items():
        attacked = read_chunk(file)
        if ids[0] not in attacked.ids:
            continue
        image = attacked.adversarial[attacked.ids == ids[0]]
        found[f"example/cam/{label}"] = class_activation_map(classifier, image)[0].numpy()
        found[f"example/rcam/{label}"] = robust_activation_map(classifier, image)[0].numpy()
    return found


def _picture(images: torch.Tensor) -> np.ndarray:
    return images[0].permute(1, 2, 0).numpy()
