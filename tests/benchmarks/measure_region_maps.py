"""How much an attack changes a map: a table and a picture in results/. What maps cost is in ``bench_maps.py``.

Run: ``python tests/benchmarks/measure_region_maps.py --data-dir DATA``. The adversarial images are made once and
kept under DATA; every map is of one core.
"""

import argparse
import sys
from pathlib import Path

import numpy as np
import torch
from machine import describe_machine
from scipy.stats import bootstrap

from thesis.execution.evaluation.adversarial_store import chunk_file, provenance, read_chunk
from thesis.execution.evaluation.attack_stage import make_chunk
from thesis.execution.evaluation.images import chunks_of, find_images
from thesis.execution.evaluation.run import catalog_source
from thesis.execution.storage.cache import cache_root
from thesis.reporting.drawing.style import new_figure, plot_style
from thesis_workloads.contract.evaluation import CLEAN, parse_attacks
from thesis_workloads.saliency.maps import class_map, region_map
from thesis_workloads.systems.aug_ms_roi.config import AugmentedMapConfig
from thesis_workloads.systems.aug_ms_roi.stability import correlation, maps_of, network_of
from thesis_workloads.systems.pixel_deflection.experiment import ATTACK_SETTINGS

RESULTS = Path(__file__).parent / "results"
ATTACKS = ("fgsm@0.02", "igsm@0.02", "deepfool", "cw")
DRAWN = 0.2  # noise of the picture


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--data-dir", type=Path, required=True)
    parser.add_argument("--attacks", default=",".join(ATTACKS))
    parser.add_argument("--scales", default="0.1,0.2,0.4", help="of the noise")
    options = parser.parse_args()
    torch.set_num_threads(1)
    attacks = options.attacks.split(",")
    sets = attacked(options.data_dir, attacks)
    table = stability(sets, attacks, [float(scale) for scale in options.scales.split(",")])
    text = "\n".join(
        [
            "# Maps under attack",
            "",
            describe_machine(" ".join(["python", *sys.argv])),
            "",
            "Correlation of the map of an attacked photograph with the map of the photograph before, made the same",
            "way, mean over the photographs that efficientnet-lite0 gets right; in brackets the 95% interval by",
            "bootstrap over photographs. The maps come from the very network that was attacked. The last column is the",
            "gain over MS-ROI over all attacks, paired by photograph.",
            "",
            *table,
        ]
    )
    (RESULTS / "region-maps.md").write_text(text, encoding="utf-8")
    draw(sets)
    print(text)


def attacked(data_dir, attacks):
    """Returns ids, clean images, and attacked images by attack."""
    store, source = cache_root(data_dir), catalog_source("efficientnet-lite0", weights="")
    images = find_images("shipped", labels="", part="all", max_images=20, cache=store)
    classifier, found = source.load(), {}
    for attack in parse_attacks(attacks, ATTACK_SETTINGS["small"]):
        for chunk in chunks_of(images, size=4):
            file = chunk_file(store, provenance(source.identity(), attack, chunk))
            if not file.exists():
                make_chunk(source, classifier, attack, chunk, store, "cpu")
            read = read_chunk(file)
            found.setdefault(attack.label, {}).update(zip(read.ids.tolist(), read.adversarial, strict=True))
    names = [name for name in found[CLEAN] if all(name in each for each in found.values())]
    return torch.tensor(names), {
        label: torch.stack([each[n] for n in names]) for label, each in found.items()
    }


def stability(sets, attacks, scales):
    ids, images = sets
    rows = {}
    settings = {
        f"Aug-MSROI, n = 5, noise {scale:g}": AugmentedMapConfig(perturbation_scale=scale) for scale in scales
    }
    for name, config in {"MS-ROI": AugmentedMapConfig(perturbation_scale=0.0), **settings}.items():
        network = network_of(config)
        maps = {
            label: torch.cat(
                [maps_of(config, network, *pair) for pair in zip(each.split(4), ids.split(4), strict=True)]
            )
            for label, each in images.items()
        }
        rows[name] = {label: correlation(maps[label], maps[CLEAN]).numpy() for label in attacks}
    plain = np.mean(list(rows["MS-ROI"].values()), axis=0)
    lines = [
        f"| map ({len(ids)} photographs) | {' | '.join(attacks)} | gain over MS-ROI |",
        "|---" * (len(attacks) + 2) + "|",
    ]
    for name, row in rows.items():
        gain = np.mean(list(row.values()), axis=0) - plain
        last = "" if name == "MS-ROI" else words(gain, "+.3f")
        lines.append(f"| {name} | {' | '.join(words(row[label], '.3f') for label in attacks)} | {last} |")
    return lines


def words(values, form):
    interval = bootstrap(
        (values,), np.mean, rng=np.random.default_rng(0), method="percentile"
    ).confidence_interval
    return f"{values.mean():{form}} [{interval.low:{form}}, {interval.high:{form}}]"


def draw(sets, count=4):
    """Draws photographs with their maps, clean and attacked, and what the attack changed in each map."""
    ids, images = sets
    config = AugmentedMapConfig(perturbation_scale=DRAWN)
    network = network_of(config)
    clean, other, ids = (
        images[CLEAN][:count],
        images[next(name for name in images if name != CLEAN)][:count],
        ids[:count],
    )
    plain, hit = region_map(network, clean), region_map(network, other)
    soft, soft_hit = (maps_of(config, network, each, ids) for each in (clean, other))
    columns = {
        "photograph": clean.permute(0, 2, 3, 1),
        "CAM": class_map(network, clean),
        "MS-ROI": plain,
        "MS-ROI,\nattacked": hit,
        "change": (hit - plain).abs(),
        "Aug-MSROI": soft,
        "Aug-MSROI,\nattacked": soft_hit,
        "change ": (soft_hit - soft).abs(),
    }
    with plot_style():
        figure = new_figure("Maps of photographs before and after an attack, and how far they differ")
        axes = figure.subplots(count, len(columns))
        for place, (title, pictures) in enumerate(columns.items()):
            axes[0, place].set_title(title, fontsize=11)
            for row in range(count):
                axes[row, place].imshow(pictures[row], cmap="viridis", vmin=0, vmax=1)
                axes[row, place].set_axis_off()
        figure.savefig(RESULTS / "region-maps.png")


if __name__ == "__main__":
    main()
