"""What trained networks of RePr hold: figures 5.2, 5.3 and 5.11."""

import copy
import time
from collections.abc import Mapping, Sequence
from statistics import fmean
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from thesis.execution.measurements.request import MeasureRequest
from thesis.execution.measurements.trials import Trial, train_trials
from thesis.execution.training.workloads import find_workload, load_data, restore_model
from thesis.results.findings import CellSamples, DataUsed, Findings
from thesis_workloads.systems.repr.experiment import REPR
from thesis_workloads.systems.repr.networks.catalog import prunable_convs
from thesis_workloads.systems.repr.pruning.analysis import (
    Contribution,
    agreement,
    contributions,
    pruned_shares,
)
from thesis_workloads.systems.repr.pruning.correlation import Overlap, activation_maps, overlap
from thesis_workloads.systems.repr.pruning.oracle import oracle_importance
from thesis_workloads.systems.repr.pruning.ranking import METRICS, Ranking, importance, ranking_images
from thesis_workloads.systems.repr.pruning.wiring import filters
from thesis_workloads.systems.repr.settings import PUBLISHED
from thesis_workloads.training.seeding import generator, seeded

PICTURES = "filters.npz"
"""What is drawn: ``lower/PANEL`` and ``upper/PANEL`` are (J, J), of layers 1 and 2; ``drops/LAYER`` is (J,)."""

Sampled = dict[tuple[tuple[tuple[str, Any], ...], str, bool], dict[str, float]]


class _Cells:
    """Samples by row, column and whether it is a quantity, in the order in which they first came."""

    def __init__(self) -> None:
        self._samples: Sampled = {}

    def add(self, seed: int, row: Mapping[str, Any], *, is_quantity: bool = False, **columns: float) -> None:
        for column, value in columns.items():
            key = (tuple(row.items()), column, is_quantity)
            self._samples.setdefault(key, {})[str(seed)] = float(value)

    def cells(self) -> tuple[CellSamples, ...]:
        return tuple(
            CellSamples(row=dict(row), column=column, values=values, is_quantity=is_quantity)
            for (row, column, is_quantity), values in self._samples.items()
        )


def measure_layers(request: MeasureRequest) -> Findings:
    """Returns overlap of the filters and their worth on the test part after standard training (figure 5.2)."""
    data, used = _data(request)
    cells, pictures, above = _Cells(), dict[str, np.ndarray](), request.settings["above"]
    for (_, seed), trial in _trained(request, data).items():
        network = restore_model(find_workload(REPR.name), trial.config, data, trial.state)
        by_layer = _overlaps(request, network, trial.config, data.val.images)
        _add_overlaps(cells, seed, "trained", by_layer, above=above)
        untrained = _with_orthogonal_filters(trial.config, network, seed)
        by_chance = _overlaps(request, untrained, trial.config, data.val.images)
        _add_overlaps(cells, seed, "orthogonal filters", by_chance, above=above)
        _add_noise(cells, seed, request, width=len(by_layer[0].pairs))
        worth = _worth(trial.config, network, data)
        _add_worth(cells, seed, worth)
        accuracy = 100 * trial.rows[-1]["test/accuracy"]
        row = {"network": trial.config.model, "dataset": "cifar-10"}
        cells.add(seed, row, is_quantity=True, test_accuracy=accuracy)
        if not pictures:
            pictures |= _picture("standard", by_layer)
            pictures |= {f"drops/{n}": np.array(each.drops) for n, each in enumerate(worth, start=1)}
    np.savez(request.folder / PICTURES, **pictures)  # type: ignore[arg-type] # keywords are the arrays' names
    return Findings(data=used, cells=cells.cells(), seeds=request.seeds)


def measure_trainings(request: MeasureRequest) -> Findings:
    """Returns overlap of the filters after standard training and RePr, and what RePr pruned (figure 5.11)."""
    data, used = _data(request)
    cells, pictures = _Cells(), dict[str, np.ndarray]()
    for (training, seed), trial in _trained(request, data).items():
        network = restore_model(find_workload(REPR.name), trial.config, data, trial.state)
        by_layer = _overlaps(request, network, trial.config, data.val.images)
        for layer, found in enumerate(by_layer, start=1):
            row = {"training": training, "layer": layer}
            cells.add(
                seed, row, mean_cca=found.mean, largest_cca=found.largest, share_above=found.share_above
            )
            cells.add(seed, {"layer": layer, "training": training}, is_quantity=True, mean_cca=found.mean)
        if trial.config.rank_first_conv:
            shares = list(pruned_shares(trial.rows).values())
            for name, each in (("first", shares[0]), ("last", shares[-1])):
                cells.add(seed, {"layer": name}, is_quantity=True, pruned_share=fmean(each))
        if f"lower/{training}" not in pictures:
            pictures |= _picture(training, by_layer)
    np.savez(request.folder / PICTURES, **pictures)  # type: ignore[arg-type] # keywords are the arrays' names
    return Findings(data=used, cells=cells.cells(), seeds=request.seeds)


def measure_agreement(request: MeasureRequest) -> Findings:
    """Returns how well each metric agrees with the oracle, early and at the end, and what it costs (figure 5.3)."""
    data, used = _data(request)
    cells, missing = _Cells(), list[str]()
    stages: dict[str, dict[str, Any]] = {"early": {"epochs": request.settings["early"]}, "converged": {}}
    for stage, changes in stages.items():
        for (_, seed), trial in _trained(request, data, **changes).items():
            network = restore_model(find_workload(REPR.name), trial.config, data, trial.state)
            found, seconds = _scores(trial.config, network, data)
            for metric in (name for name in METRICS if name != "oracle"):
                both = agreement(found[metric], found["oracle"])
                if not np.isfinite(both.ranks):
                    missing.append(f"{metric} is the same for every filter at seed {seed}, {stage}")
                    continue
                if stage == "converged":
                    for of, value in {"values": both.values, "ranks": both.ranks}.items():
                        cells.add(seed, {"metric": metric, "of": of}, correlation=value)
                        row = {"metric": metric, "on": of.removesuffix("s")}
                        cells.add(seed, row, is_quantity=True, correlation_with_oracle=value)
                    cells.add(seed, {"metric": metric}, is_quantity=True, cost=seconds[metric])
                row = {"metric": metric, "epoch": stage}
                cells.add(seed, row, is_quantity=True, correlation_with_oracle=both.ranks)
    return Findings(data=used, cells=cells.cells(), seeds=request.seeds, missing=tuple(missing))


def data_digests(request: MeasureRequest) -> tuple[str, ...]:
    """Returns a line with the digest of the images."""
    return (f"images: {_data(request)[1].digest}",)


def _data(request: MeasureRequest) -> tuple[Any, DataUsed]:
    config = REPR.config(**request.settings["config"])
    data = load_data(find_workload(REPR.name), config, request.data_dir)
    return data, DataUsed(
        name=data.name, version=data.version, digest=data.digest, is_published=config.data in PUBLISHED
    )


def _trained(request: MeasureRequest, data: Any, **changes: Any) -> dict[tuple[str, int], Trial]:
    """Returns the trials by training and seed."""
    names = [(training, seed) for training in request.settings["trainings"] for seed in request.seeds]
    configs = [
        REPR.config(
            **{
                **request.settings["config"],
                **request.settings["trainings"][training],
                **changes,
                "seed": seed,
            }
        )
        for training, seed in names
    ]
    trials = train_trials(REPR.name, configs, data, concurrency=request.concurrency)
    return dict(zip(names, trials, strict=True))


def _overlaps(request: MeasureRequest, network: nn.Module, config: Any, images: Tensor) -> list[Overlap]:
    """Returns the overlap of every layer's filters, first layer first."""
    settings = request.settings
    maps = activation_maps(network, prunable_convs(config.model, network), images[: settings["num_images"]])
    return [overlap(each, cells=settings["cells"], above=settings["above"]) for each in maps.values()]


def _add_overlaps(
    cells: _Cells, seed: int, network: str, by_layer: Sequence[Overlap], *, above: float
) -> None:
    for layer, found in enumerate(by_layer, start=1):
        row = {"network": network, "layer": layer}
        cells.add(seed, row, mean_cca=found.mean, largest_cca=found.largest, share_above=found.share_above)
        if network == "trained":
            quantities = {"mean_cca": found.mean, "largest_cca": found.largest}
            cells.add(seed, {"layer": layer}, is_quantity=True, **quantities)
            row = {"layer": layer, "above": above}
            cells.add(seed, row, is_quantity=True, share_of_cca=found.share_above)


def _add_noise(cells: _Cells, seed: int, request: MeasureRequest, *, width: int) -> None:
    """Adds what as many filters, images and cells give where no filter has to do with another."""
    settings = request.settings
    shape = (settings["num_images"], width, settings["cells"], settings["cells"])
    noise = torch.randn(shape, generator=generator("unrelated activations", seed), dtype=torch.float64)
    found = overlap(noise, cells=settings["cells"], above=settings["above"])
    row = {"network": "none: unrelated numbers", "layer": 1}
    cells.add(seed, row, mean_cca=found.mean, largest_cca=found.largest, share_above=found.share_above)
    row = {"layer": "random orthogonal", "above": settings["above"]}
    cells.add(seed, row, is_quantity=True, share_of_cca=found.share_above)


def _with_orthogonal_filters(config: Any, network: nn.Module, seed: int) -> nn.Module:
    """Returns a copy of the network whose filters are random and orthogonal."""
    untrained = copy.deepcopy(network)
    with seeded("orthogonal filters", seed), torch.no_grad():
        for conv in prunable_convs(config.model, untrained):
            weights = filters(untrained, conv)
            weights.copy_(nn.init.orthogonal_(torch.empty(weights.shape)))  # it refuses channels-last weights
    return untrained


def _worth(config: Any, network: nn.Module, data: Any) -> list[Contribution]:
    convs = prunable_convs(config.model, network)
    return list(contributions(oracle_importance(network, convs, data.test.images, data.test.labels)).values())


def _add_worth(cells: _Cells, seed: int, worth: Sequence[Contribution]) -> None:
    for layer, each in enumerate(worth, start=1):
        row = {"network": "trained", "layer": layer}
        cells.add(seed, row, share_below_one=each.share_below_one, largest_drop=each.largest)
        row = {"layer": layer, "contribution_below": 1.0}
        cells.add(seed, row, is_quantity=True, share_of_filters=each.share_below_one)
    cells.add(seed, {}, is_quantity=True, largest_contribution=max(each.largest for each in worth))


def _scores(config: Any, network: nn.Module, data: Any) -> tuple[dict[str, Any], dict[str, float]]:
    """Returns every metric's scores of all filters, and the CPU seconds that each took."""
    chosen = ranking_images(
        len(data.train.labels), count=config.num_ranking, seed=config.seed, round_number=1
    )
    ranking = Ranking(
        network=network,
        convs=prunable_convs(config.model, network),
        images=data.val.images,
        labels=data.val.labels,
        train_images=data.train.images[chosen],
        train_labels=data.train.labels[chosen],
        seed=config.seed,
        round=1,
        score_scale="none",
        variant="text",
        rank_first_conv=True,
    )
    scores, seconds = {}, {}
    for metric in METRICS:
        began = time.process_time()
        scores[metric] = importance(metric, ranking)
        seconds[metric] = time.process_time() - began
    return scores, seconds


def _picture(panel: str, by_layer: Sequence[Overlap]) -> dict[str, np.ndarray]:
    return {f"lower/{panel}": by_layer[0].pairs.numpy(), f"upper/{panel}": by_layer[1].pairs.numpy()}
