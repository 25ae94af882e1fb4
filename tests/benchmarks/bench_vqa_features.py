"""Image features: images per second of the Ray Data pipeline on this machine's cores, beside a plain loop.

    python tests/benchmarks/bench_vqa_features.py [--images 10000] [--size 64] [--backbone efficientnet-lite0]

Images are PNG files of generated scenes, drawn before the clock starts; of every thousand one is cut off and one
is missing. Both ways read, decode, scale and compute with one torch thread a process and write Parquet; the loop
is timed on a part of them, since its images per second don't depend on how many there are. The pipeline's time
includes its actors' start and the backbone's loading in each. Then the vectors of both are compared.
"""

import argparse
import shutil
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import torch
from machine import describe_machine

from thesis.execution.cluster.connection import ray_session
from thesis.execution.preparation.backbone_source import BackboneSource
from thesis.execution.preparation.feature_store import add_rows, file_sizes, open_store, read_features
from thesis.execution.preparation.image_features import run_pipeline
from thesis_workloads.datasets.vqa.scenes import scene_image
from thesis_workloads.systems.highway_vqa.backbones import load_backbone
from thesis_workloads.systems.highway_vqa.features import plain_loop

RESULTS = Path(__file__).parent / "results" / "vqa_features.md"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--images", type=int, default=10_000)
    parser.add_argument("--looped", type=int, default=2_000)
    parser.add_argument("--size", type=int, default=64)
    parser.add_argument("--backbone", default="efficientnet-lite0")
    parser.add_argument("--actors", type=int, default=2)
    parser.add_argument("--folder", type=Path, default=None, help="keeps the drawn images for another time")
    parser.add_argument("--output", type=Path, default=RESULTS, help="empty for none")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    folder = arguments.folder or Path(tempfile.mkdtemp())
    images = draw(folder / "images", arguments.images)
    heading = describe_machine(f"python {' '.join(sys.argv)}", packages=("ray", "torch", "pyarrow"))
    lines = [
        "# Image features for visual question answering",
        "",
        heading,
        "",
        f"{arguments.backbone} at {arguments.size} px on {len(images):,} PNG files of 64x64.",
        "",
        "| way | processes | images | unreadable | seconds | images/s |",
        "|---|---:|---:|---:|---:|---:|",
        *measure(arguments, folder, images),
    ]
    text = "\n".join(lines) + "\n"
    print(text)
    if arguments.output.name:
        arguments.output.parent.mkdir(exist_ok=True)
        arguments.output.write_text(text, encoding="utf-8")
    if arguments.folder is None:
        shutil.rmtree(folder)


def draw(folder: Path, count: int) -> dict[str, str]:
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(count):
        path = folder / f"{number}.png"
        if number % 1000 == 500:
            continue  # missing
        if not path.exists():
            scene_image(number).save(path)
        if number % 1000 == 700:
            path.write_bytes(path.read_bytes()[:100])
    return {f"{number}.png": str(folder / f"{number}.png") for number in range(count)}


def measure(arguments: argparse.Namespace, folder: Path, images: dict[str, str]) -> list[str]:
    name, size = arguments.backbone, arguments.size
    source = BackboneSource(identity=name, load=lambda: load_backbone(name, weights="", seed=0, grid=1))
    sizes = file_sizes(images)
    looped = dict(list(images.items())[: arguments.looped])
    started = time.perf_counter()
    vectors, problems = plain_loop(source.load(), list(looped.values()), size=size)
    plain = open_store(folder / "loop", identity=name, image_size=size, name="bench")
    add_rows(plain, looped, sizes, vectors, problems)
    seconds = time.perf_counter() - started
    rows = [row("plain loop", 1, len(looped), sum(map(bool, problems)), seconds)]
    store = open_store(folder / f"ray-{time.time_ns()}", identity=name, image_size=size, name="bench")
    with ray_session(dashboard=False):
        started = time.perf_counter()
        counts = run_pipeline(source, store, images, sizes, image_size=size, num_actors=arguments.actors)
        seconds = time.perf_counter() - started
    rows.append(row("Ray Data", arguments.actors, len(images), counts["unreadable"], seconds))
    found = read_features(store, sizes)
    good = [place for place, problem in enumerate(problems) if not problem]
    names = list(looped)
    theirs = found.table[[found.row_of[names[place]] for place in good]].numpy()
    same = "the same vectors, bit for bit" if np.array_equal(theirs, vectors[good]) else "OTHER VECTORS"
    few = "; ".join(f"{key}: {why.split(':')[0]}" for key, why in list(found.problems.items())[:2])
    return [*rows, "", f"Both ways gave {same}. Named and skipped: {few}; ..."]


def row(way: str, processes: int, count: int, unreadable: int, seconds: float) -> str:
    return f"| {way} | {processes} | {count:,} | {unreadable} | {seconds:.1f} | {count / seconds:.1f} |"


if __name__ == "__main__":
    main()
