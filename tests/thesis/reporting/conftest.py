"""Sweeps that never ran, with the shapes of ones that do: curves that rise, dip and rise again."""

import itertools
import math
import zlib

import numpy as np
import pytest

from thesis.tracking.records import TrialRecord

EPOCHS = 40


def new_record(
    trial_id="t0",
    *,
    config=None,
    is_baseline=False,
    status="finished",
    epochs=EPOCHS,
    final=0.9,
    test=True,
    seed=0,
):
    """Returns a record whose last val/accuracy is `final`, with sub-network phases if it has s1 and s2."""
    config = {"seed": seed, **(config or {})}
    noise = np.random.default_rng([zlib.crc32(trial_id.encode()), seed])
    s1, s2, n = (int(config.get(key, 0)) for key in ("s1", "s2", "n"))
    history = []
    for epoch in range(1, epochs + 1):
        place = (epoch - 1) % max(s1 + s2, 1)
        in_phase = not is_baseline and s2 > 0 and place >= s1 and epoch <= n * (s1 + s2)
        rise = 1 - math.exp(-epoch / 5)
        value = 0.1 + (final - 0.1) * rise - (0.04 if in_phase else 0) + noise.normal(0, 0.004)
        history.append(
            {
                "epoch": float(epoch),
                "train/accuracy": min(value + 0.06 * rise, 1.0),
                "val/accuracy": value,
                "train/loss": 2.3 * (1 - rise) + 0.1,
                "val/loss": 2.3 * (1 - rise) + 0.4,
                "repr/phase": float(in_phase),
            }
        )
    if history:
        history[-1]["val/accuracy"] = final
        if test and status == "finished":
            history[-1]["test/accuracy"] = final - 0.01
    return TrialRecord(
        trial_id=trial_id,
        config=config,
        is_baseline=is_baseline,
        status=status,
        error="ValueError: loss is not finite" if status == "failed" else None,
        history=history,
        wall_s=3.0,
    )


def new_sweep(space, *, seeds=(0, 1, 2), baseline=True, effect=None, deviation=0.006, num_trials=None):
    """Returns the grid over `space` (or a random part of it) times seeds, and a baseline per seed."""
    generator = np.random.default_rng(7)
    points = [dict(zip(space, values, strict=True)) for values in itertools.product(*space.values())]
    if num_trials is not None and num_trials < len(points):
        chosen = sorted(generator.choice(len(points), size=num_trials, replace=False))
        points = [points[index] for index in chosen]
    of_seed = {seed: float(generator.normal(0, deviation)) for seed in seeds}
    effect = effect or (lambda point: 0.01 * math.sin(sum(map(number_of, point.values()))))
    records = []
    for number, (point, seed) in enumerate(itertools.product(points, seeds)):
        final = 0.93 + effect(point) + of_seed[seed] + float(generator.normal(0, deviation / 2))
        records.append(new_record(f"t{number:03d}", config=point, final=final, seed=seed))
    for seed in seeds if baseline else ():
        config = {**dict.fromkeys(space), **points[0], "scheme": "standard"}
        final = 0.925 + of_seed[seed] + float(generator.normal(0, deviation / 2))
        records.append(new_record(f"b{seed}", config=config, is_baseline=True, final=final, seed=seed))
    return records


def number_of(value):
    """Returns a number for any setting, the same in every process."""
    return float(value) if isinstance(value, (int, float)) else float(sum(map(ord, str(value))))


@pytest.fixture
def make_record():
    """Gives the function that makes one record."""
    return new_record


@pytest.fixture
def make_sweep():
    """Gives the function that makes a sweep's records."""
    return new_sweep
