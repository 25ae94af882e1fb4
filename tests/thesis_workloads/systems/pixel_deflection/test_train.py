import dataclasses

import pytest
import torch

from thesis_workloads.contract.reporter import MemoryReporter
from thesis_workloads.systems.pixel_deflection.config import PixelDeflectionConfig
from thesis_workloads.systems.pixel_deflection.train import AttackedImages, AttackedSets, slice_of_step, train

# No pixel moves and nothing is denoised, so what is right before the defence is right behind it.
NOTHING = PixelDeflectionConfig(num_deflections=0, denoisers="", num_votes=1, epochs=2)


def part(classifier, right, rows, *, is_clean, wrong=0):
    images, labels, ids = (each[rows] for each in right)
    labels = labels.clone()
    undefended = labels.clone()
    labels[:wrong] = (labels[:wrong] + 1) % 12
    saliency = torch.zeros(len(ids), 32, 32)
    return lambda: AttackedImages(
        is_clean=is_clean, ids=ids, labels=labels, images=images, saliency=saliency, undefended=undefended
    )


def sets(classifier, *parts):
    return AttackedSets(parts=parts, classifier=classifier, name="x", version="1", digest="0")


def run(config, data):
    reporter = MemoryReporter()
    train(config, data, reporter)
    return reporter.rows


def test_a_row_has_the_shares_over_all_steps_so_far(classifier, right):
    first = part(classifier, right, slice(0, 4), is_clean=False, wrong=1)
    second = part(classifier, right, slice(4, 6), is_clean=False, wrong=2)
    rows = run(NOTHING, sets(classifier, first, second))
    assert [row["val/accuracy"] for row in rows] == [3 / 4, 3 / 6]
    assert [row["epoch"] for row in rows] == [1, 2]


def test_clean_images_are_told_from_attacked_ones(classifier, right):
    clean = part(classifier, right, slice(0, 3), is_clean=True)
    attacked = part(classifier, right, slice(3, 6), is_clean=False, wrong=2)
    last = run(NOTHING, sets(classifier, clean, attacked))[-1]
    assert last["val/clean_accuracy"] == 1
    assert last["val/undefended_accuracy"] == pytest.approx(1 / 3)


def test_what_is_not_fooled_is_no_part_of_the_destruction_rate(classifier, right):
    images, labels, ids = right
    fooled = AttackedImages(
        is_clean=False,
        ids=ids,
        labels=labels,
        images=images,
        saliency=torch.zeros(6, 32, 32),
        undefended=torch.where(torch.arange(6) < 2, (labels + 1) % 12, labels),
    )
    last = run(NOTHING, sets(classifier, lambda: fooled, lambda: fooled))[-1]
    assert last["val/destruction_rate"] == 1
    assert last["val/undefended_accuracy"] == pytest.approx(4 / 6)


def test_the_steps_take_every_part_once():
    taken = [place for step in range(4) for place in range(11)[slice_of_step(step, 11, 4)]]
    assert taken == list(range(11))


def test_a_trial_gives_the_same_numbers_again_and_others_with_another_seed(classifier, right):
    config = PixelDeflectionConfig(num_deflections=900, window=30, num_votes=3, epochs=1, denoisers="")
    data = sets(classifier, part(classifier, right, slice(0, 6), is_clean=False))
    first, second = run(config, data), run(config, data)
    assert first == second
    seeds = {run(dataclasses.replace(config, seed=seed), data)[-1]["val/accuracy"] for seed in range(8)}
    assert len(seeds) > 1
