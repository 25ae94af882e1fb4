"""Pixel deflection against attacks: what is swept, and the attacks and defences by name (chapter 4).

Sources: figure 4.5 (sweep of window, K and sigma on images apart from the test images), tables 4.1-4.11.
The dissertation's choice is window 10, K 100, sigma 0.04 on ResNet-50.
"""

import dataclasses
import shlex
from collections.abc import Mapping
from typing import Any

from thesis_workloads.contract.evaluation import NO_DEFENSE, AdaptiveSpec, DefenseSpec
from thesis_workloads.contract.experiment import Experiment
from thesis_workloads.contract.search_space import Choice
from thesis_workloads.systems.pixel_deflection.config import PixelDeflectionConfig

# Settings of a sweep that an evaluation takes as options of its own, or not at all.
_OPTIONS = {"data": "images", "labels": "labels", "classifier": "classifier", "weights": "weights"}
_OF_THE_SWEEP = ("num_val", "attacks", "attack_scale", "batch_size", "epochs", "device", "num_votes", "seed")


def _test_command(config: Any) -> str:
    """Returns the evaluation of a chosen setting on the images that had no part in choosing it."""
    default = PixelDeflectionConfig()
    changed = {
        field.name: getattr(config, field.name)
        for field in dataclasses.fields(default)
        if getattr(config, field.name) != getattr(default, field.name) and field.name not in _OF_THE_SWEEP
    }
    options = [
        f"--{_OPTIONS[key]} {shlex.quote(str(value))}" for key, value in changed.items() if key in _OPTIONS
    ]
    settings = [f"--set {key}={value}" for key, value in changed.items() if key not in _OPTIONS]
    return " ".join(["thesis evaluate pixel-deflection --part test", *options, *settings])


PIXEL_DEFLECTION = Experiment(
    name="pixel-deflection",
    title="Pixel deflection: random local swaps and wavelet denoising before a classifier",
    chapter=4,
    config=PixelDeflectionConfig,
    workload="thesis_workloads.systems.pixel_deflection.workload:WORKLOAD",
    tables=(
        "thesis_workloads.systems.pixel_deflection.tables:DECLARED",
        "thesis_workloads.systems.pixel_deflection.figures:DECLARED",
    ),
    space={
        "window": Choice(values=(2, 5, 10, 50, 100)),
        "num_deflections": Choice(values=(10, 50, 100, 500, 1500)),
        "sigma": Choice(values=(0.005, 0.01, 0.02, 0.04, 0.08)),
    },
    # Denoising with the same sigma: what is gained over it is what the deflection itself adds. What no
    # defence at all would give is reported next to it by every trial.
    baseline={"num_deflections": 0},
    baseline_ignores=("num_deflections", "window", "use_rcam", "top_k", "sampling", "replacement", "variant"),
    changeable={},
    scales={
        "smoke": {"attacks": "fgsm@0.02", "attack_scale": "smoke", "num_votes": 1, "num_val": 4, "epochs": 2},
        "small": {"num_votes": 1},
        "paper": {
            "attacks": "fgsm@0.04+igsm@0.03+deepfool@0.02+jsma@0.02+lbfgs@0.02+cw@0.04",
            "attack_scale": "paper",
            "classifier": "resnet-50",
            "num_val": 300,
            "num_votes": 1,
            "batch_size": 10,
            "epochs": 30,
        },
    },
    scale_spaces={
        "smoke": {
            "window": Choice(values=(5, 10)),
            "num_deflections": Choice(values=(100, 1000)),
            "sigma": Choice(values=(0.01, 0.04)),
        }
    },
    test_metric="val/clean_accuracy",
    baseline_name="denoising alone",
    next_command=_test_command,
)

# Parameters that replace the catalogue's: a smaller scale searches less. |L2| is given after the name.
ATTACK_SETTINGS: Mapping[str, Mapping[str, Mapping[str, Any]]] = {
    "paper": {
        "fgsm": {},
        "igsm": {},
        "gradient": {},
        "lbfgs": {},
        "jsma": {},
        "deepfool": {},
        "cw": {},
        "pgd": {},
        "pgd-l2": {},
        "apgd-ce": {},
        "apgd-dlr": {},
        "square": {},
    },
    "small": {
        "fgsm": {},
        "igsm": {},
        "gradient": {},
        "lbfgs": {"num_decades": 3, "num_bisections": 2, "num_steps": 10, "initial_alpha": 1.0},
        "jsma": {"values_per_step": 32},
        "deepfool": {"num_candidates": 5},
        "cw": {"initial_c": 0.1, "num_searches": 3, "num_steps": 80},
        "pgd": {"num_steps": 10},
        "pgd-l2": {"num_steps": 10},
        "apgd-ce": {"num_steps": 20},
        "apgd-dlr": {"num_steps": 20},
        "square": {"num_steps": 200},
    },
    "smoke": {
        "fgsm": {},
        "igsm": {"num_steps": 3},
        "gradient": {},
        "lbfgs": {"num_decades": 1, "num_bisections": 0, "num_steps": 4, "initial_alpha": 0.01},
        "jsma": {"values_per_step": 256},
        "deepfool": {"num_candidates": 3, "num_steps": 5},
        "cw": {"initial_c": 1.0, "num_searches": 1, "num_steps": 10},
        "pgd": {"num_steps": 3},
        "pgd-l2": {"num_steps": 3},
        "apgd-ce": {"num_steps": 5},
        "apgd-dlr": {"num_steps": 5},
        "square": {"num_steps": 20},
    },
}

# images at most (0: all), images computed together, draws of a vote, patches that quilting draws from,
# seeds of the attacker who knows the defence
SCALES: Mapping[str, Mapping[str, int]] = {
    "smoke": {"max_images": 4, "chunk_size": 2, "num_votes": 3, "num_patches": 200, "adaptive_seeds": 1},
    "small": {"max_images": 20, "chunk_size": 4, "num_votes": 10, "num_patches": 1000, "adaptive_seeds": 1},
    "paper": {
        "max_images": 1000,
        "chunk_size": 10,
        "num_votes": 10,
        "num_patches": 100_000,
        "adaptive_seeds": 3,
    },
}
_LINF = 4 / 255  # the budget at which the defence was broken in public
# Steps and draws of a plain attack of the battery; its members take multiples of them.
_EFFORT: Mapping[str, Mapping[str, int]] = {
    "smoke": {"num_steps": 2, "num_draws": 1},
    "small": {"num_steps": 10, "num_draws": 2},
    "paper": {"num_steps": 40, "num_draws": 10},
}
ADAPTIVE: Mapping[str, AdaptiveSpec] = {
    scale: AdaptiveSpec(epsilon=_LINF, num_steps=effort["num_steps"], num_draws=effort["num_draws"])
    for scale, effort in _EFFORT.items()
}
# Where accuracy falls: the shipped network is right on 17 % of its images at a quarter of 1/255.
_CURVE: Mapping[str, tuple[float, ...]] = {
    "smoke": (0.25,),
    "small": (0.125, 0.25, 0.5, 1, 2),
    "paper": (0.125, 0.25, 0.5, 1, 2, 8),
}
ADAPTIVE_CURVES: Mapping[str, tuple[AdaptiveSpec, ...]] = {
    scale: tuple(dataclasses.replace(ADAPTIVE[scale], epsilon=each / 255) for each in epsilons)
    for scale, epsilons in _CURVE.items()
}
# Where the attacker is audited: some images are broken there and some are not, so attacks can differ.
AUDIT: Mapping[str, AdaptiveSpec] = {
    scale: dataclasses.replace(spec, epsilon=0.25 / 255) for scale, spec in ADAPTIVE.items()
}


def _deflection(name: str, **settings: Any) -> DefenseSpec:
    return DefenseSpec(name=name, kind="deflection", settings=settings)


def _denoising(name: str, denoisers: str) -> DefenseSpec:
    settings = {"num_deflections": 0, "denoisers": denoisers, "use_rcam": False}
    return DefenseSpec(name=name, kind="deflection", settings=settings, num_votes=1)


def _baseline(name: str, **changes: Any) -> DefenseSpec:
    return DefenseSpec(name=name, kind="rival", rival=name, **{"num_votes": 1, **changes})


_BANK = {"num_votes": 10, "num_patches": 1000}
_ALL = (
    DefenseSpec(name=NO_DEFENSE, kind="none", num_votes=1),
    _deflection("pixel-deflection"),
    _deflection("pixel-deflection-rgb", sigma_scale="rgb"),
    # The same defence before an attacker who takes it for the identity backwards, as was measured until 2026-11-26.
    DefenseSpec(name="pixel-deflection-bpda", kind="deflection", gradient="bpda"),
    _deflection("pd", use_rcam=False, denoisers=""),
    _deflection("pd+rcam", denoisers=""),
    _deflection("pd+rcam+dct", denoisers="dct"),
    _deflection("pd+rcam+dwt"),
    _denoising("wd", "wavelet"),
    _deflection("pd+jpeg", denoisers="jpeg"),
    _deflection("wd+pd+jpeg", denoisers="wavelet+jpeg"),
    _deflection("hard", mode="hard", method="visu"),
    _deflection("visu", method="visu"),
    _deflection("sure", method="sure"),
    _deflection("bayes"),
    *(_deflection(f"bayes-{wavelet}", wavelet=wavelet) for wavelet in ("db2", "haar")),
    _deflection("pd-1%", use_rcam=False, denoisers="", num_deflections=502),  # of 224 x 224 pixels
    *(_deflection(f"d{count}", num_deflections=count) for count in (10, 100, 1000, 10000)),
    *(_deflection(f"w{window}", window=window) for window in (5, 10, 50, 100)),
    *(_deflection(f"gaussian-w{window}", window=window, sampling="gaussian") for window in (5, 10, 50, 100)),
    *(
        _deflection(f"{choice}-w{window}", window=window, replacement=choice)
        for choice in ("min", "max", "mean")
        for window in (5, 10, 50, 100)
    ),
    *(
        DefenseSpec(name=f"pd+{name}", kind="deflection", settings={"denoisers": name}, gradient="bpda")
        for name in ("bilateral", "anisotropic", "tvm", "deconvolution")
    ),
    *(
        _baseline(name)
        for name in (
            "bit-depth-2",
            "bit-depth-5",
            "median-2x2",
            "median-3x3",
            "jpeg",
            "dct",
        )
    ),
    # Their own gradients would keep every iteration of every draw in memory: an attacker gets BPDA here.
    *(
        _baseline(name, gradient="bpda")
        for name in (
            "nonlocal-mean-11-3-2",
            "nonlocal-mean-13-3-4",
            "bit-depth-5+median-2x2+nonlocal-mean-13-3-4",
            "bilateral",
            "anisotropic",
            "tvm",
            "deconvolution",
        )
    ),
    # These return larger images, so an attacker cannot take them for the identity.
    _baseline("pixel-padding", num_votes=10, gradient="true"),
    _baseline("pixel-resizing", num_votes=10),
    _baseline("padding+resizing", num_votes=10, gradient="true"),
    _baseline("quilting", **_BANK),
    _baseline("tvm+quilting", gradient="bpda", **_BANK),
    _baseline("cropping+tvm+quilting", gradient="bpda", **_BANK),
)
DEFENSES: Mapping[str, DefenseSpec] = {spec.name: spec for spec in _ALL}
