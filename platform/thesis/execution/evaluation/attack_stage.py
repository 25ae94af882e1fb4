"""The first stage of an evaluation: read a chunk of photographs, keep those classified right, attack them."""

import functools
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from thesis.execution.cluster.worker_setup import set_up_worker
from thesis.execution.evaluation.adversarial_store import (
    ATTACKED,
    FAILED,
    MISCLASSIFIED,
    UNREADABLE,
    chunk_file,
    provenance,
    read_chunk,
    write_chunk,
)
from thesis.execution.evaluation.images import Chunk, chunk_of_json
from thesis.execution.evaluation.jpeg_defender import jpeg_defense
from thesis.execution.evaluation.own_defender import own_defender
from thesis.execution.storage.filesystems import StorageLocation, exists
from thesis_workloads.attacks.battery import Start
from thesis_workloads.attacks.budget import normalised_l2
from thesis_workloads.classifiers.classifier import Classifier
from thesis_workloads.contract.evaluation import NO_DEFENSE, AttackSpec, DefenseSpec
from thesis_workloads.datasets.images.photographs import UNLABELLED, LoadedPhotographs, load_photographs
from thesis_workloads.defenses.counter_random import id_of_name
from thesis_workloads.saliency.cam import robust_activation_map
from thesis_workloads.systems.pixel_deflection.adversaries import adversarial_images
from thesis_workloads.systems.pixel_deflection.clean_patches import clean_patches
from thesis_workloads.systems.pixel_deflection.config import PixelDeflectionConfig
from thesis_workloads.systems.pixel_deflection.defenders import (
    Defender,
    baseline_defense,
    deflection,
    identity_defense,
)
from thesis_workloads.systems.pixel_deflection.knowing_adversaries import Known, knowing_images

FoundImage = tuple[Tensor, str]  # (3, H, W), and the name of the attack that broke it
_TOP = 5
STORED_TOP_K = 5  # classes in the maps that are kept with the images (section 4.6.1)
# What a row may fail of (an attack's own complaint, a file that vanished, memory); anything else is a fault here.
ROW_ERRORS = (ValueError, RuntimeError, OSError)


@dataclass(frozen=True, kw_only=True)
class ClassifierSource:
    """A classifier as the actors make it, and what tells it from any other."""

    name: str
    digest: str  # of its weights
    input_size: int  # pixels, both sides
    load: Callable[[], Classifier]

    def identity(self) -> dict[str, Any]:
        """Returns its part of an adversarial set's provenance."""
        return {"name": self.name, "digest": self.digest, "input_size": self.input_size}


class AttackStage:
    """An actor that holds the classifier; writes the chunks that are not in the store yet."""

    def __init__(
        self, source: ClassifierSource, attacks: Mapping[str, AttackSpec], store: str, device: str
    ) -> None:
        set_up_worker()
        self.source, self.attacks, self.store, self.device = source, attacks, store, device
        self.classifier = source.load().to(device)

    def __call__(self, batch: dict[str, Any]) -> dict[str, list[Any]]:
        """Returns for each row (attack, chunk) the file that holds it, and the seconds it took."""
        done: dict[str, list[Any]] = {"attack": [], "number": [], "file": [], "attack_s": []}
        for attack, text in zip(batch["attack"], batch["chunk"], strict=True):
            chunk, began = chunk_of_json(str(text)), time.perf_counter()
            path = make_chunk(
                self.source, self.classifier, self.attacks[str(attack)], chunk, self.store, self.device
            )
            values = (str(attack), chunk.number, path, time.perf_counter() - began)
            for key, value in zip(done, values, strict=True):
                done[key].append(value)
        return done


def make_chunk(
    source: ClassifierSource,
    classifier: Classifier,
    attack: AttackSpec,
    chunk: Chunk,
    store: StorageLocation,
    device: str,
) -> str:
    """Returns the file of a chunk under an attack, made now unless it is there."""
    made_by = provenance(source.identity(), attack, chunk)
    path = chunk_file(store, made_by)
    if not exists(path):
        start = _of_smaller_epsilon(source, classifier, attack, chunk, store, device)
        rows = attacked_rows(classifier, source.input_size, attack, chunk, device, start=start)
        write_chunk(path, rows, made_by)
    return path


def _of_smaller_epsilon(
    source: ClassifierSource,
    classifier: Classifier,
    attack: AttackSpec,
    chunk: Chunk,
    store: StorageLocation,
    device: str,
) -> Mapping[str, FoundImage]:
    """Returns what the next smaller epsilon found, by image; made first if it is not there."""
    if attack.smaller is None:
        return {}
    found = read_chunk(make_chunk(source, classifier, attack.smaller, chunk, store, device))
    return {
        row["id"]: (image, row["found_by"])
        for row, image in zip(found.attacked_rows, found.adversarial, strict=True)
    }


def attacked_rows(
    classifier: Classifier,
    size: int,
    attack: AttackSpec,
    chunk: Chunk,
    device: str,
    *,
    start: Mapping[str, FoundImage] | None = None,
) -> list[dict[str, Any]]:
    """Returns one row per photograph of the chunk, whatever became of it.

    Args:
        start: by image, what a smaller epsilon found and the name of the attack that did.
    """
    loaded = load_photographs(chunk.photographs, size=size)
    rows = {each.id: _row(each.id, each.label, size=size) for each in chunk.photographs}
    for name, error in loaded.unreadable.items():
        rows[name] |= {"status": UNREADABLE, "error": error}
    if loaded.ids:
        _attack_loaded(classifier, attack, loaded, rows, device, start or {})
    return list(rows.values())


def _attack_loaded(
    classifier: Classifier,
    attack: AttackSpec,
    loaded: LoadedPhotographs,
    rows: dict[str, dict[str, Any]],
    device: str,
    start: Mapping[str, FoundImage],
) -> None:
    images, labels = loaded.images.to(device), loaded.labels.to(device)
    with torch.no_grad():
        logits = classifier(images)
    labels = torch.where(labels == UNLABELLED, logits.argmax(1), labels)
    for name, label, prediction in zip(loaded.ids, labels.tolist(), logits.argmax(1).tolist(), strict=True):
        rows[name] |= {"label": label, "clean_prediction": prediction}
    right = (logits.argmax(1) == labels).nonzero()[:, 0]
    if not len(right):
        return
    names = [loaded.ids[row] for row in right.tolist()]
    try:
        _attack_right(classifier, attack, names, images[right], labels[right], logits[right], rows, start)
    except ROW_ERRORS:
        # Find the image that it fails of; the others of its chunk go on alone.
        for row, name in zip(right.tolist(), names, strict=True):
            one = slice(row, row + 1)
            try:
                _attack_right(classifier, attack, [name], images[one], labels[one], logits[one], rows, start)
            except ROW_ERRORS as error:
                rows[name] |= {"status": FAILED, "error": f"{type(error).__name__}: {error}"}


def _attack_right(
    classifier: Classifier,
    attack: AttackSpec,
    names: list[str],
    images: Tensor,
    labels: Tensor,
    clean_logits: Tensor,
    rows: dict[str, dict[str, Any]],
    start: Mapping[str, FoundImage],
) -> None:
    ids = torch.tensor([id_of_name(name) for name in names], dtype=torch.int64, device=images.device)
    given = None
    if all(name in start for name in names) and names:
        before = torch.stack([start[name][0] for name in names]).to(images)
        given = Start(images=before, names=tuple(start[name][1] for name in names))
    known = run_attack(classifier, attack, images, labels, ids, start=given)
    found = known.images
    with torch.no_grad():
        logits = classifier(found)
    predictions = logits.argmax(1)
    columns = {
        "adversarial_prediction": predictions,
        "l2": normalised_l2(found, images),
        "linf": (found - images).abs().flatten(1).amax(1),
        "outside": (found - found.clamp(*classifier.bounds)).abs().flatten(1).amax(1),
        "probability": logits.softmax(1).gather(1, labels[:, None])[:, 0],
        "adversary_rank": _rank(clean_logits, predictions),
        "label_rank": _rank(logits, labels),
    }
    saliency = robust_activation_map(classifier, found, top_k=STORED_TOP_K)
    for place, name in enumerate(names):
        rows[name] |= {"status": ATTACKED, **{key: each[place].item() for key, each in columns.items()}}
        rows[name]["found_by"] = known.names[place]
        rows[name] |= {
            "adversarial": found[place].cpu().numpy(),
            "saliency": saliency[place].cpu().numpy(),
        }


def run_attack(
    classifier: Classifier,
    attack: AttackSpec,
    images: Tensor,
    labels: Tensor,
    ids: Tensor,
    *,
    start: Start | None = None,
) -> Known:
    """Returns the attacked images ``(B, 3, H, W)`` of one spec, with names where it knows the defence."""
    if attack.defense is None:
        found = adversarial_images(
            attack.name,
            classifier,
            images,
            labels,
            ids,
            l2=attack.l2,
            parameters=attack.parameters,
            seed=attack.seed,
        )
        return Known(images=found, names=("",) * len(images))
    return knowing_images(
        attack.name,
        classifier,
        make_defender(attack.defense, size=images.shape[-1], device=str(images.device)),
        images,
        labels,
        ids,
        num_draws=attack.num_draws,
        start=start,
        seed=attack.seed,
        **attack.parameters,
    )


def make_defender(spec: DefenseSpec, *, size: int, device: str) -> Defender:
    """Returns the defence that a spec names, for images of a size."""
    if spec.kind == "deflection":
        return deflection(PixelDeflectionConfig(**spec.settings), gradient=spec.gradient)
    if spec.kind == "rival":
        bank = _bank(size, spec.num_patches, device) if spec.num_patches else None
        return baseline_defense(spec.rival, bank=bank, gradient=spec.gradient)
    if spec.kind == "regions":
        return jpeg_defense(spec, device=device)
    if spec.kind == "own":
        return own_defender(spec)
    if spec.name != NO_DEFENSE:
        raise ValueError(f"a defence must be none, deflection, rival or regions, got {spec=}")
    return Defender(apply=identity_defense, gradient="true")


@functools.cache
def _bank(size: int, num_patches: int, device: str) -> Tensor:
    return clean_patches(size=size, num_patches=num_patches).to(device)


def _row(name: str, label: int, *, size: int) -> dict[str, Any]:
    """Returns a photograph's row before anything is known but that it was not attacked."""
    nothing = dict.fromkeys(
        ("adversarial_prediction", "adversary_rank", "label_rank", "clean_prediction"), -1
    )
    numbers = dict.fromkeys(("l2", "linf", "outside", "probability"), float("nan"))
    tensors = {"adversarial": None, "saliency": None}
    known = {
        "id": name, "label": label, "status": MISCLASSIFIED, "error": "", "size": size, "found_by": "",
    }  # fmt: skip
    return {**known, **nothing, **numbers, **tensors}


def _rank(logits: Tensor, classes: Tensor) -> Tensor:
    """Returns the place ``(B,)`` of each class among the five likeliest, from 1; 0 where it is not there."""
    is_there = logits.topk(min(_TOP, logits.shape[1]), dim=1).indices == classes[:, None]
    places = torch.arange(1, is_there.shape[1] + 1, device=logits.device)
    return (is_there * places).sum(1)
