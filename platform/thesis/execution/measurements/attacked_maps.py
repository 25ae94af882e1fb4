"""Figures 3.2b and 3.3: where attacks change images next to where the objects are, and maps under attack."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from thesis.execution.evaluation.images import SHIPPED, find_images
from thesis.execution.evaluation.run import catalog_source
from thesis.execution.evaluation.sweep_data import load_for
from thesis.execution.measurements.request import MeasureRequest
from thesis.execution.storage.cache import cache_root
from thesis.results.findings import CellSamples, DataUsed, Findings
from thesis.results.panels import Panel, write_panels
from thesis_workloads.contract.evaluation import CLEAN, parse_attacks
from thesis_workloads.systems.aug_ms_roi.config import AugmentedMapConfig
from thesis_workloads.systems.aug_ms_roi.stability import correlation, maps_of, network_of
from thesis_workloads.systems.pixel_deflection.config import PixelDeflectionConfig
from thesis_workloads.systems.pixel_deflection.experiment import ATTACK_SETTINGS

_MS_ROI, _AUGMENTED = "ms-roi", "aug-ms-roi"
_PAPER_NAMES = {"gradient": "ga", "deepfool": "dfool"}  # of attacks, where the claims have others
_DRAWN = 3  # photographs
_NOTES = (
    "The maps are those of the network that was attacked.",
    "Similarity is Pearson's correlation with the plain MS-ROI map of the untouched photograph; robustness that with"
    " the map of the same kind; sharpness the deviation of an untouched photograph's map over its mean.",
)


@dataclass(frozen=True, kw_only=True)
class _Attacked:
    """The same photographs, in one order, untouched and under every attack."""

    ids: Tensor  # (B,)
    images: Mapping[str, Tensor]  # by label of the attack: (B, 3, H, W) in [0, 1]
    data: DataUsed

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(str(number) for number in self.ids.tolist())


def data_digests(request: MeasureRequest) -> tuple[str, ...]:
    """Returns digests of the photographs and of the classifier that is attacked and makes the maps.

    Raises:
        UserError: if they are not here.
    """
    images = find_images(
        SHIPPED[0],
        labels="",
        part="all",
        max_images=request.settings["max_images"],
        cache=cache_root(request.data_dir),
    )
    source = catalog_source(PixelDeflectionConfig().classifier, weights="")
    return f"photographs: {images.digest}", f"classifier: {source.digest}"


def measure_perturbations(request: MeasureRequest) -> Findings:
    """Returns how the mean change of each attack correlates with the mean map; draws both."""
    attacked = _attacked(request)
    maps = _maps(attacked, CLEAN, AugmentedMapConfig(perturbation_scale=0.0))
    line, cells = [Panel(title="mean MS-ROI map", values=_scaled(maps.mean(0)))], []
    for label in attacked.images:
        if label == CLEAN:
            continue
        changes = (attacked.images[label] - attacked.images[CLEAN]).abs().mean(1)
        mean = changes.mean(0)
        line.append(Panel(title=f"mean change, {label}", values=_scaled(mean)))
        row = {"a": "mean perturbation", "b": "mean saliency", "attack": _paper_name(label)}
        together = float(correlation(mean[None], maps.mean(0)[None]))
        cells.append(
            CellSamples(
                row=row,
                column="correlation_of_maps",
                values={"all": together},
                unit="exact",
                is_quantity=True,
            )
        )
        each = dict(zip(attacked.names, correlation(changes, maps).tolist(), strict=True))
        cells.append(
            CellSamples(row={"attack": label}, column="correlation_by_photograph", values=each, unit="image")
        )
    half = (len(line) + 1) // 2
    write_panels(request.folder, [line[:half], line[half:]])
    return Findings(data=attacked.data, cells=tuple(cells), notes=_NOTES)


def measure_maps(request: MeasureRequest) -> Findings:
    """Returns how alike maps before and after attacks are, by kind of map; draws some of one attack."""
    attacked = _attacked(request)
    number, scale = request.settings["num_perturbations"], request.settings["perturbation_scale"]
    configs = {
        _MS_ROI: AugmentedMapConfig(perturbation_scale=0.0),
        _AUGMENTED: AugmentedMapConfig(num_perturbations=number, perturbation_scale=scale),
    }
    maps = {
        (kind, label): _maps(attacked, label, config)
        for kind, config in configs.items()
        for label in attacked.images
    }
    attacks = [label for label in attacked.images if label != CLEAN]
    cells = []
    for kind in configs:
        to_plain, to_own = (
            torch.stack([correlation(maps[kind, label], maps[other, CLEAN]) for label in attacks]).mean(0)
            for other in (_MS_ROI, kind)
        )
        clean = maps[kind, CLEAN].flatten(1)
        similarity = {"map": kind, "input": "adversarial", "reference": "clean"}
        for column, row, values in (
            ("map_similarity", similarity, to_plain),
            ("map_robustness", {"map": kind}, to_own),
            ("map_sharpness", {"map": kind}, clean.std(1) / clean.mean(1)),
        ):
            of_images = dict(zip(attacked.names, values.tolist(), strict=True))
            cells.append(
                CellSamples(row=row, column=column, values=of_images, unit="image", is_quantity=True)
            )
    write_panels(request.folder, [_line(attacked, maps, attacks[0], at) for at in range(_DRAWN)])
    return Findings(data=attacked.data, cells=tuple(cells), notes=_NOTES)


def _line(attacked: _Attacked, maps: Mapping[tuple[str, str], Tensor], attack: str, at: int) -> list[Panel]:
    image = attacked.images[CLEAN][at]
    shown = (255 * image).round().byte().permute(1, 2, 0).numpy()
    return [
        Panel(title="photograph", values=shown),
        Panel(title="MS-ROI", values=maps[_MS_ROI, CLEAN][at].numpy()),
        Panel(title=f"MS-ROI, {attack}", values=maps[_MS_ROI, attack][at].numpy()),
        Panel(title=f"Aug-MSROI, {attack}", values=maps[_AUGMENTED, attack][at].numpy()),
    ]


def _attacked(request: MeasureRequest) -> _Attacked:
    settings = request.settings
    config = PixelDeflectionConfig(
        attacks="+".join(settings["attacks"]),
        attack_scale=settings["attack_scale"],
        num_val=settings["max_images"],
        batch_size=settings["chunk_size"],
        epochs=1,
    )
    source = catalog_source(config.classifier, weights="")
    sets = load_for(source, config, request.data_dir, part="all")
    labels = [
        each.label for each in parse_attacks(settings["attacks"], ATTACK_SETTINGS[settings["attack_scale"]])
    ]
    found: dict[str, dict[int, Tensor]] = {label: {} for label in labels}
    # A chunk's parts come in the order of the attacks, the clean one first.
    for number, read in enumerate(sets.parts):
        part = read()
        found[labels[number % len(labels)]] |= dict(zip(part.ids.tolist(), part.images, strict=True))
    ids = [each for each in found[CLEAN] if all(each in images for images in found.values())]
    images = {label: torch.stack([of_label[each] for each in ids]) for label, of_label in found.items()}
    data = DataUsed(name=sets.name, version=f"{len(ids)} photographs", digest=sets.digest)
    return _Attacked(ids=torch.tensor(ids), images=images, data=data)


def _maps(attacked: _Attacked, label: str, config: AugmentedMapConfig) -> Tensor:
    network = network_of(config)
    pairs = zip(attacked.images[label].split(4), attacked.ids.split(4), strict=True)
    return torch.cat([maps_of(config, network, images, ids) for images, ids in pairs])


def _scaled(values: Tensor) -> NDArray[np.float32]:
    scaled: NDArray[np.float32] = (values / values.max().clamp(min=1e-12)).numpy()
    return scaled


def _paper_name(label: str) -> str:
    name = label.partition("@")[0]
    return _PAPER_NAMES.get(name, name)
