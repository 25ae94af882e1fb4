"""What Ray Data costs over a plain loop: the same chunks attacked, defended and classified both ways.

Run: OMP_NUM_THREADS=1 python tests/benchmarks/bench_ray_data.py [--counts 20,1000,10000] [--actors 1]
A small network at 32 px keeps the work short, so that what is added to it can be seen. The loop does in one
process exactly what the actors do; both start without any adversarial set. Writes results/ray_data.md.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import torch
from machine import describe_machine
from PIL import Image

from thesis.execution.cluster.connection import ray_session
from thesis.execution.evaluation.adversarial_store import read_chunk
from thesis.execution.evaluation.attack_stage import ClassifierSource, make_chunk
from thesis.execution.evaluation.defense_stage import judged_rows
from thesis.execution.evaluation.images import ImageSet, chunks_of
from thesis.execution.evaluation.pipeline import Throughput, passes_of, run_pipeline
from thesis_workloads.classifiers.classifier import Classifier
from thesis_workloads.contract.evaluation import parse_attacks, parse_defenses
from thesis_workloads.contract.evaluation_plan import EvaluationPlan
from thesis_workloads.datasets.images.photographs import Photograph, digest, load_photographs
from thesis_workloads.systems.pixel_deflection.experiment import ATTACK_SETTINGS, DEFENSES

RESULTS = Path(__file__).parent / "results" / "ray_data.md"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--counts", default="20,1000,10000")
    parser.add_argument("--actors", type=int, default=1)
    parser.add_argument("--write", action="store_true", help=f"keep the table in {RESULTS}")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    source = tiny_source()
    lines = [
        "| images | rows | loop s | Ray Data s | added s | added ms an image |",
        "|---:|---:|---:|---:|---:|---:|",
    ]
    with tempfile.TemporaryDirectory() as folder, ray_session(dashboard=False):
        warm(source, Path(folder))
        for count in map(int, arguments.counts.split(",")):
            images = make_images(Path(folder) / f"images-{count}", count, source)
            loop_s, num_rows = timed_loop(source, images, Path(folder) / f"loop-{count}")
            ray_s = timed_ray(source, images, Path(folder) / f"ray-{count}", arguments.actors)
            added = ray_s - loop_s
            lines.append(
                f"| {count} | {num_rows} | {loop_s:.1f} | {ray_s:.1f} | {added:.1f} | {1000 * added / count:.1f} |"
            )
            print(lines[-1], flush=True)
    report = "\n".join([heading(arguments), "", *lines, ""])
    print(report)
    if arguments.write:
        RESULTS.write_text(report, encoding="utf-8")


def make_plan() -> EvaluationPlan:
    return EvaluationPlan(
        scale="smoke",
        classifier="tiny",
        weights="",
        images="generated",
        labels="",
        part="all",
        max_images=0,
        chunk_size=8,
        attacks=parse_attacks(["igsm@0.02"], ATTACK_SETTINGS["smoke"]),
        defenses=parse_defenses(["pixel-deflection"], DEFENSES, overrides={}, num_votes=3),
        adaptive=(),
        adaptive_seeds=1,
        seed=0,
    )


def tiny_source() -> ClassifierSource:
    def load() -> Classifier:
        from torch import nn

        torch.manual_seed(0)
        trunk = nn.Sequential(nn.Conv2d(3, 16, 3, stride=2), nn.ReLU(), nn.Conv2d(16, 32, 3), nn.ReLU())
        tail = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(32, 10))
        return Classifier(trunk, tail, name="tiny", input_size=32, class_names=tuple("abcdefghij"))

    return ClassifierSource(name="tiny", digest="0", input_size=32, load=load)


def make_images(folder: Path, count: int, source: ClassifierSource) -> ImageSet:
    """Returns images labelled as the classifier labels them, so that all of them enter."""
    folder.mkdir()
    generator = np.random.default_rng(0)
    photographs = []
    for number in range(count):
        path = folder / f"{number:06d}.png"
        Image.fromarray(generator.integers(0, 256, (40, 40, 3), dtype=np.uint8)).save(path)
        photographs.append(Photograph(id=path.name, path=path, label=0))
    classifier = source.load()
    labels: list[int] = []
    with torch.no_grad():
        for first in range(0, count, 500):
            images = load_photographs(photographs[first : first + 500], size=32).images
            labels += classifier(images).argmax(1).tolist()
    named = [
        Photograph(id=each.id, path=each.path, label=label)
        for each, label in zip(photographs, labels, strict=True)
    ]
    return ImageSet(photographs=tuple(named), name="generated", digest=digest(named))


def timed_loop(source: ClassifierSource, images: ImageSet, store: Path) -> tuple[float, int]:
    """Returns the seconds and rows of the plain loop, the network's loading included."""
    plan, num_rows = make_plan(), 0
    began = time.perf_counter()
    classifier = source.load()
    for each in passes_of(plan):
        for chunk in chunks_of(images, size=plan.chunk_size):
            made = read_chunk(make_chunk(source, classifier, each.attack, chunk, store, "cpu"))
            for defense in plan.defenses:
                num_rows += len(judged_rows(classifier, made, defense, size=32, seed=0, device="cpu"))
    return time.perf_counter() - began, num_rows


def timed_ray(source: ClassifierSource, images: ImageSet, store: Path, actors: int) -> float:
    """Returns the seconds of the pipeline on a Ray that runs already."""
    began = time.perf_counter()
    run_pipeline(
        make_plan(),
        images,
        source,
        store=store,
        throughput=Throughput(concurrency=actors, batch_size=32),
        on_rows=lambda rows: None,
    )
    return time.perf_counter() - began


def warm(source: ClassifierSource, folder: Path) -> None:
    """Runs both once, so that what only the first run of a session costs is in neither time."""
    images = make_images(folder / "warm", 8, source)
    timed_loop(source, images, folder / "warm-loop")
    timed_ray(source, images, folder / "warm-ray", 1)


def heading(arguments: argparse.Namespace) -> str:
    machine = describe_machine(f"python {' '.join(sys.argv)}", packages=("ray", "torch", "pyarrow"))
    return (
        f"# Ray Data against a plain loop\n\n{machine} {arguments.actors} actor(s) per stage; IGSM at |L2| 0.02,"
        " pixel deflection with a vote of three, a network of two convolutions at 32 px."
    )


if __name__ == "__main__":
    main()
