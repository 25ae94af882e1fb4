import dataclasses

import pytest
import torch

from thesis_workloads.contract.reporter import MemoryReporter
from thesis_workloads.datasets.errors import DatasetMissing
from thesis_workloads.systems.repr.detection.config import DetectionConfig
from thesis_workloads.systems.repr.detection.data import load
from thesis_workloads.systems.repr.detection.size import check_pruning, size_of
from thesis_workloads.systems.repr.detection.train import train
from thesis_workloads.systems.repr.detection.validation import validate

TINY = DetectionConfig(
    num_train=6,
    num_val=4,
    num_test=4,
    image_size=64,
    width=8,
    pyramid_channels=8,
    head_width=16,
    regions=16,
    proposals=20,
    batch_size=3,
    epochs=4,
    s1=1,
    s2=1,
    n=1,
    warmup_steps=1,
    device="cpu",
)


@pytest.fixture(scope="module")
def data():
    return load(TINY, None)


@pytest.fixture(scope="module")
def whole(data):
    reporter = MemoryReporter()
    network = train(TINY, data, reporter)
    return network, reporter


def test_every_epoch_is_reported_with_its_phase_and_the_test_part_is_read_once(whole):
    rows = whole[1].rows
    assert [row["repr/phase"] for row in rows] == [0, 1, 0, 0]
    assert [round(row["repr/num_filters"] / rows[0]["repr/num_filters"], 1) for row in rows] == [1, 0.7, 1, 1]
    assert ["test/map" in row for row in rows] == [False, False, False, True]
    assert 0 <= rows[-1]["test/map_blind"] <= 1


def test_a_run_resumed_in_the_sub_phase_gives_the_same_numbers_bit_for_bit(data, whole):
    interrupted = MemoryReporter()

    class StopsInSubPhase(MemoryReporter):
        def report(self, metrics, *, state=None):
            super().report(metrics, state=state)
            if metrics["epoch"] == 2:
                raise KeyboardInterrupt

    interrupted = StopsInSubPhase()
    with pytest.raises(KeyboardInterrupt):
        train(TINY, data, interrupted)
    resumed = MemoryReporter(start=interrupted.state)
    network = train(TINY, data, resumed)
    assert resumed.rows == whole[1].rows[2:]
    assert all(
        torch.equal(ours, theirs)
        for ours, theirs in zip(network.state_dict().values(), whole[0].state_dict().values(), strict=True)
    )


def test_files_that_other_processes_read_train_the_same(data, whole):
    reporter = MemoryReporter()
    train(dataclasses.replace(TINY, num_loaders=1, epochs=1), data, reporter)
    assert reporter.rows[0]["train/loss"] == whole[1].rows[0]["train/loss"]


@pytest.mark.slow
@pytest.mark.parametrize("head", ["fpn", "c4"])
def test_it_overfits_a_tiny_set(head):
    config = dataclasses.replace(
        DetectionConfig(device="cpu", scheme="standard", schedule="constant"),
        **{"head": head, "num_train": 4, "num_val": 4, "num_test": 4, "batch_size": 4, "epochs": 120},
    )
    data = load(config, None)
    seen = dataclasses.replace(data, val=data.train)
    reporter = MemoryReporter(keep_state=False)
    train(config, seen, reporter)
    assert max(row["val/map_50"] for row in reporter.rows) > 0.8


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"metric": "oracle"}, "needs no images for a detector"),
        ({"head": "c5"}, "head must be one of fpn, c4"),
        ({"p": 101}, "p must be within 0..100"),
        ({"num_train": 0}, "num_train must be at least 1"),
        ({"pretrained": "a/b.pt"}, "width must be 64"),
    ],
)
def test_wrong_settings_are_named(changes, message):
    with pytest.raises(ValueError, match=message):
        validate(dataclasses.replace(TINY, **changes))


def test_a_percentage_that_would_empty_a_layer_is_refused_without_memory_for_weights():
    with pytest.raises(ValueError, match=r"p must leave min_filters=1 in every layer.*got p=99"):
        check_pruning(dataclasses.replace(DetectionConfig(backbone="resnet-101", width=64), p=99.9))


def test_the_size_of_a_run_is_that_of_its_detector():
    size = size_of(TINY)
    network = train(dataclasses.replace(TINY, epochs=1), load(TINY, None), MemoryReporter())
    assert size.num_parameters == sum(parameter.numel() for parameter in network.parameters())
    assert size.flops_per_example > 1e6


def test_coco_is_asked_for_by_name(tmp_path):
    config = dataclasses.replace(TINY, data="coco")
    with pytest.raises(DatasetMissing, match="--data-dir"):
        load(config, None)
    with pytest.raises(DatasetMissing, match="none of train2014"):
        load(config, tmp_path)
