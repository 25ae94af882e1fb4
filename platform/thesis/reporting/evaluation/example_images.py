"""Figures 4.1-4.4 from an evaluation: deflected images, probability against K, perturbations, maps."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from thesis.reporting.drawing.style import (
    BLUE,
    GREEN,
    ORANGE,
    PURPLE,
    SKY,
    VERMILION,
    new_figure,
    plot_style,
    save,
)
from thesis_workloads.contract.evaluation import DefenseSpec

Arrays = Mapping[str, np.ndarray]
_MAX_MAPS = 8
_COLORS = (BLUE, ORANGE, GREEN, VERMILION, PURPLE, SKY)
_MIN_COUNTS = 3  # numbers of deflections that make a curve


def write_example_images(
    results: Path, arrays: Arrays, summary: Sequence[Mapping[str, Any]], defenses: Sequence[DefenseSpec]
) -> list[Path]:
    """Writes every figure that has data, and returns the paths."""
    paths: list[Path] = []
    if "example/image" in arrays:
        paths += save(deflection_figure(arrays), results, "example-deflected")
    if any(name.startswith("where/") and name != "where/object" for name in arrays):
        paths += save(location_figure(arrays), results, "perturbations")
        paths += save(map_figure(arrays), results, "example-maps")
    counts = deflection_counts(defenses)
    if len(counts) >= _MIN_COUNTS:
        paths += save(probability_figure(summary, counts), results, "probability")
    return paths


def deflection_counts(defenses: Sequence[DefenseSpec]) -> dict[str, int]:
    """Returns K of every defence whose settings name K and nothing else."""
    return {
        spec.name: spec.settings["num_deflections"]
        for spec in defenses
        if spec.kind == "deflection" and set(spec.settings) == {"num_deflections"}
    }


def deflection_figure(arrays: Arrays) -> Figure:
    """Returns an image with K pixels deflected, its difference, and the difference after denoising (4.1)."""
    image = arrays["example/image"]
    counts = [int(name.rpartition("-")[2]) for name in arrays if name.startswith("example/deflected-")]
    with plot_style():
        figure = new_figure("Deflected pixels, and what denoising leaves of the difference")
        grid = figure.subplots(len(counts), 3, squeeze=False)
        for line, count in zip(grid, counts, strict=True):
            deflected, denoised = (arrays[f"example/{name}-{count}"] for name in ("deflected", "denoised"))
            _show(line[0], deflected)
            _show(line[1], _amplified(deflected - image))
            _show(line[2], _amplified(denoised - image))
            line[0].set_ylabel(f"K = {count}")
        for axes, title in zip(
            grid[0], ("deflected", "difference x 5", "difference x 5, denoised"), strict=True
        ):
            axes.set_title(title)
    return figure


def location_figure(arrays: Arrays) -> Figure:
    """Returns the mean location of the images' objects and of each attack's changes (4.3)."""
    names = [name for name in arrays if name.startswith("where/")][:_MAX_MAPS]
    with plot_style():
        figure = new_figure("Mean location of the object, and of what attacks change")
        grid = figure.subplots(2, -(-len(names) // 2), squeeze=False).ravel().tolist()
        for axes, name in zip(grid, names, strict=False):
            _show(axes, arrays[name] / max(float(arrays[name].max()), 1e-12), cmap="cividis")
            label = name.removeprefix("where/")
            axes.set_title("robust activation map" if label == "object" else label)
        for unused in grid[len(names) :]:
            figure.delaxes(unused)
    return figure


def map_figure(arrays: Arrays) -> Figure:
    """Returns an image's activation map and robust activation map, untouched and attacked (4.4)."""
    names = [name.removeprefix("example/cam/") for name in arrays if name.startswith("example/cam/")][:4]
    with plot_style():
        figure = new_figure("Activation map (top) and robust activation map (bottom)")
        grid = figure.subplots(2, len(names), squeeze=False)
        for column, name in enumerate(names):
            for line, kind in enumerate(("cam", "rcam")):
                _show(grid[line, column], arrays["example/image"])
                grid[line, column].imshow(
                    arrays[f"example/{kind}/{name}"], cmap="cividis", vmin=0, vmax=1, alpha=0.6
                )
            grid[0, column].set_title(name)
    return figure


def probability_figure(summary: Sequence[Mapping[str, Any]], counts: Mapping[str, int]) -> Figure:
    """Returns the right class's mean probability against K, clean and attacked (4.2)."""
    with plot_style():
        figure = new_figure("Mean probability of the right class after deflection and denoising")
        axes = figure.subplots()
        for number, attack in enumerate(dict.fromkeys(row["attack"] for row in summary)):
            rows = [row for row in summary if row["attack"] == attack and row["defense"] in counts]
            rows.sort(key=lambda row: counts[row["defense"]])
            color = _COLORS[number % len(_COLORS)]
            places = [counts[row["defense"]] for row in rows]
            axes.plot(places, [row["probability"] for row in rows], "o-", color=color, label=attack)
            axes.axhline(rows[0]["undefended_probability"], color=color, linestyle=":", linewidth=1.2)
        axes.set_xscale("log")
        axes.set_ylim(0, 1)
        axes.set_xlabel("K, deflections (dotted: no defence)")
        axes.set_ylabel("mean probability of the right class")
        figure.legend(*axes.get_legend_handles_labels(), loc="outside lower center", ncols=4, frameon=False)
    return figure


def _amplified(difference: np.ndarray) -> np.ndarray:
    amplified: np.ndarray = np.clip(np.abs(difference) * 5, 0, 1)
    return amplified


def _show(axes: Axes, image: np.ndarray, *, cmap: str | None = None) -> None:
    axes.imshow(image, cmap=cmap, vmin=0, vmax=1)
    axes.grid(visible=False)
    axes.set_xticks([])
    axes.set_yticks([])
    for spine in axes.spines.values():
        spine.set_visible(False)
