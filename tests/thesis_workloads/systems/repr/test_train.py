import dataclasses
import math

import pytest
import torch

from thesis_workloads.contract.reporter import MemoryReporter
from thesis_workloads.datasets.images.labelled_images import ImageSplits, LabelledImages
from thesis_workloads.systems.repr.config import RePrConfig
from thesis_workloads.systems.repr.phases import reactivate_filters, renew_later_layers
from thesis_workloads.systems.repr.pruning.ranking import METRICS
from thesis_workloads.systems.repr.pruning.selection import select
from thesis_workloads.systems.repr.train import train
from thesis_workloads.training.batches import epoch_order

CONFIG = RePrConfig(
    model="c3-6", s1=2, s2=1, n=2, epochs=7, batch_size=16, p=30.0, learning_rate=0.05, device="cpu"
)


def part(size, seed):
    draws = torch.Generator().manual_seed(seed)
    labels = torch.arange(size) % 3
    images = 0.3 * torch.randn(size, 1, 5, 5, generator=draws)
    images[torch.arange(size), 0, labels, :] += 1
    return LabelledImages(images=images, labels=labels)


def splits(num_val=30, num_test=30):
    return ImageSplits(
        train=part(40, 0),
        val=part(num_val, 1),
        test=part(num_test, 2),
        num_classes=3,
        name="bars",
        version="1",
        digest="0",
    )


def rows_of(**changes):
    reporter = MemoryReporter()
    network = train(dataclasses.replace(CONFIG, **changes), splits(), reporter)
    return reporter.rows, network


def test_every_epoch_is_reported_once_with_its_phase_round_and_number_of_filters():
    rows, _ = rows_of()
    assert [row["epoch"] for row in rows] == [1, 2, 3, 4, 5, 6, 7]
    assert [row["repr/phase"] for row in rows] == [0, 0, 1, 0, 0, 1, 0]
    assert [row["repr/round"] for row in rows] == [1, 1, 1, 2, 2, 2, 2]
    assert [row["repr/num_filters"] for row in rows] == [18, 18, 13, 18, 18, 13, 18]


def test_every_row_has_the_same_keys_but_for_the_pruned_shares_and_the_test_part():
    rows, _ = rows_of()
    common = set(rows[0])
    assert common == {
        "epoch",
        "learning_rate",
        "repr/generation",
        "repr/num_filters",
        "repr/num_masked",
        "repr/ortho_sum",
        "repr/phase",
        "repr/round",
        "repr/sparsity",
        "time/epoch_s",
        "train/accuracy",
        "train/loss",
        "val/accuracy",
        "val/loss",
    }
    pruned = {"repr/pruned/conv1.conv", "repr/pruned/conv2.conv", "repr/pruned/conv3.conv"}
    extra = [set(row) - common for row in rows]
    best = {f"best/{name}" for name in ("epoch", "val_accuracy", "train_accuracy", "test_accuracy", "gap")}
    tested = {"test/loss", "test/accuracy", "test/gap"} | best
    assert extra == [set(), set(), pruned, set(), set(), pruned, tested]


def test_the_pruned_shares_add_up_to_p():
    row = rows_of()[0][2]
    shares = [row[f"repr/pruned/conv{i}.conv"] for i in (1, 2, 3)]
    assert shares[0] == 0
    assert sum(shares) * 6 == pytest.approx(5)


def test_filters_that_are_only_silenced_are_counted():
    reporter = MemoryReporter()
    config = dataclasses.replace(CONFIG, model="resnet-8", s1=1, s2=1, n=1, epochs=3, p=50.0, batch_size=40)
    train(config, splits(), reporter)
    state_of_sub = [row for row in reporter.rows if row["repr/phase"] == 1]
    assert [row["repr/num_filters"] for row in state_of_sub] == [120]
    assert 0 < state_of_sub[0]["repr/num_masked"] < 120
    assert [row["repr/num_masked"] for row in reporter.rows if row["repr/phase"] == 0] == [0, 0]


def test_standard_training_has_the_same_first_epochs_and_keeps_all_filters():
    standard, _ = rows_of(scheme="standard")
    ours, _ = rows_of()
    assert [row["repr/num_filters"] for row in standard] == [18] * 7
    assert [row["val/loss"] for row in standard[:2]] == [row["val/loss"] for row in ours[:2]]


@pytest.mark.parametrize("metric", METRICS)
def test_every_metric_learns_the_bars(metric):
    rows, _ = rows_of(metric=metric, epochs=16)
    assert rows[-1]["test/accuracy"] > 0.9


@pytest.mark.parametrize(
    "changes",
    [
        {"optimizer": "momentum", "learning_rate": 0.02},
        {"optimizer": "adam", "learning_rate": 0.005},
        {"batch_norm": True},
        {"schedule": "steps", "learning_rate": 0.1},
        {"schedule": "cyclic", "learning_rate": 0.02},
        {"rank_first_conv": True, "score_scale": "dimension"},
        {"metric": "taylor", "score_scale": "layer", "num_ranking": 10},
        {"variant": "released"},
        {"readers": "zero"},
        {"readers": "fresh", "filter_norm": "clipped"},
        {"filter_norm": "unit", "n": 0},
        {"schedule": "halving", "halving_steps": 20},
        {"model": "c2-6-pool", "epochs": 40},
        {"scheme": "later-layers", "epochs": 30},
        {"reverse_ranking": True},
        {"scheme": "dsd", "p": 50.0},
        {"scheme": "ban", "n": 2, "epochs": 24},
        {"ortho_loss": 0.01},
        {"precision": "bfloat16"},
        {"scheme": "standard", "teacher": "c2-8", "teacher_epochs": 10, "epochs": 26},
        {"teacher": "c2-8", "teacher_epochs": 10, "epochs": 26},
    ],
)
def test_every_option_learns_the_bars(changes):
    rows, _ = rows_of(**{"epochs": 16} | changes)
    assert rows[-1]["test/accuracy"] > 0.9


def test_a_student_has_the_phases_and_learning_rates_that_it_would_have_alone():
    rows, _ = rows_of(teacher="c2-8", teacher_epochs=3, epochs=10, schedule="steps")
    alone, _ = rows_of(schedule="steps")
    for key in ("repr/phase", "repr/round", "repr/num_filters", "learning_rate"):
        assert [row[key] for row in rows[3:]] == [row[key] for row in alone]
    assert [row["repr/generation"] for row in rows] == [1] * 3 + [2] * 7


def test_a_teacher_that_weighs_nothing_changes_nothing():
    rows, _ = rows_of(teacher="c2-8", teacher_epochs=3, epochs=10, teacher_weight=0.0)
    alone, _ = rows_of()
    assert [row["val/loss"] for row in rows[3:]] == [row["val/loss"] for row in alone]


def test_a_teacher_from_a_file_teaches_as_the_one_that_was_trained_before(tmp_path):
    together, _ = rows_of(teacher="c2-8", teacher_epochs=3, epochs=10)
    seen = MemoryReporter()
    config = dataclasses.replace(CONFIG, teacher="c2-8", teacher_epochs=3, epochs=10)
    states = []
    seen.report = lambda metrics, *, state: states.append(state())
    train(config, splits(), seen)
    saved = states[2] | {"identity": states[2]["identity"] | {"model": "c2-8"}}
    torch.save(saved, tmp_path / "state.pt")
    apart, _ = rows_of(teacher=str(tmp_path / "state.pt"))
    assert [row["train/loss"] for row in apart] == [row["train/loss"] for row in together[3:]]


def test_generations_start_anew_and_the_last_has_the_rest_of_the_budget():
    rows, network = rows_of(scheme="ban", n=3, epochs=8)
    assert [row["repr/generation"] for row in rows] == [1, 1, 2, 2, 3, 3, 3, 3]
    accuracy = rows[-1]["test/accuracy"]
    test = splits().test
    assert (network.eval()(test.images).argmax(1) == test.labels).float().mean().item() == pytest.approx(
        accuracy
    )
    assert all(parameter.requires_grad for parameter in network.parameters())


def test_dsd_is_sparse_in_the_phases_in_which_repr_has_a_sub_network():
    rows, network = rows_of(scheme="dsd", p=25.0, epochs=3)
    assert [row["repr/sparsity"] for row in rows] == pytest.approx([0, 0, 0.25], abs=0.01)
    assert (network.conv2.conv.weight == 0).float().mean().item() == pytest.approx(0.25, abs=0.01)
    again, network = rows_of(scheme="dsd", p=25.0, epochs=4)
    assert [row["repr/sparsity"] for row in again] == pytest.approx([0, 0, 0.25, 0], abs=0.01)
    assert (network.conv2.conv.weight == 0).sum() == 0


def test_the_orthogonality_loss_lowers_the_overlap():
    plain, _ = rows_of(scheme="standard")
    penalised, _ = rows_of(scheme="standard", ortho_loss=0.02)
    assert penalised[-1]["repr/ortho_sum"] < 0.85 * plain[-1]["repr/ortho_sum"]


def test_it_overfits_a_tiny_set():
    rows, _ = rows_of(scheme="standard", epochs=40, optimizer="adam", learning_rate=0.01)
    assert rows[-1]["train/accuracy"] == 1
    assert rows[-1]["train/loss"] < 0.01


def test_the_returned_network_scores_what_was_reported():
    rows, network = rows_of()
    test = splits().test
    with torch.no_grad():
        right = network.eval()(test.images).argmax(1) == test.labels
    assert right.double().mean().item() == pytest.approx(rows[-1]["test/accuracy"])


def test_the_last_filters_to_come_back_learn_at_the_full_rate_before_it_falls():
    rows, _ = rows_of(schedule="steps", epochs=10)  # the second and last round ends after six epochs
    assert [row["learning_rate"] for row in rows] == pytest.approx([0.05] * 8 + [0.005, 0.0005])


@pytest.mark.parametrize("changes", [{}, {"scheme": "standard"}, {"n": 0, "epochs": 6}])
def test_the_best_epoch_is_the_first_with_the_best_held_out_accuracy(changes):
    rows, _ = rows_of(**changes)
    accuracies = [row["val/accuracy"] for row in rows]
    best = accuracies.index(max(accuracies))
    last = rows[-1]
    assert (last["best/epoch"], last["best/val_accuracy"]) == (best + 1, max(accuracies))
    assert last["best/train_accuracy"] == rows[best]["train/accuracy"]
    assert last["best/gap"] == last["best/train_accuracy"] - last["best/test_accuracy"]


@pytest.mark.parametrize("epochs", [5, 6])  # the best is of the full network, and of the sub-network
def test_the_best_epochs_network_is_the_one_that_is_tested(epochs):
    rows, _ = rows_of(n=0, epochs=epochs)
    best = int(rows[-1]["best/epoch"])
    alone, _ = rows_of(n=0, epochs=best)
    assert rows[-1]["best/test_accuracy"] == alone[-1]["test/accuracy"]


def test_with_readers_zero_no_output_changes_when_filters_come_back(monkeypatch):
    seen = []

    def spy(run, **options):
        before = run.active.eval()(splits().val.images)
        reactivate_filters(run, **options)
        seen.append((run.active.eval()(splits().val.images) - before).abs().max().item())

    monkeypatch.setattr("thesis_workloads.systems.repr.epoch.reactivate_filters", spy)
    rows_of(readers="zero")
    assert len(seen) == 2
    assert max(seen) < 1e-5
    rows_of(readers="old")
    assert min(seen[2:]) > 1e-3


def test_later_layers_start_again_and_the_first_ones_do_not(monkeypatch):
    seen = []

    def spy(run, **options):
        before = {name: value.clone() for name, value in run.full.state_dict().items()}
        renew_later_layers(run, **options)
        after = run.full.state_dict()
        seen.append({name for name, value in before.items() if not torch.equal(value, after[name])})

    monkeypatch.setattr("thesis_workloads.systems.repr.epoch.renew_later_layers", spy)
    rows, _ = rows_of(scheme="later-layers", num_early_layers=2, epochs=8)
    later = {"conv3.conv.weight", "conv3.conv.bias", "head.weight", "head.bias"}
    assert seen == [later, later]
    assert [row["repr/phase"] for row in rows] == [0] * 8


def test_reverse_ranking_drops_the_filters_that_overlap_least(monkeypatch):
    chosen = []

    def spy(scores, **options):
        kept = select(scores, **options)
        chosen.append({name: set(values.tolist()) for name, values in kept.items()})
        return kept

    monkeypatch.setattr("thesis_workloads.systems.repr.epoch.select", spy)
    options = {"n": 1, "epochs": 3, "rank_first_conv": True, "p": 50.0, "min_filters": 1}
    rows_of(**options)
    rows_of(**options, reverse_ranking=True)
    kept, reversed_kept = chosen
    assert sum(len(kept[name] & reversed_kept[name]) for name in kept) <= 2


def test_more_early_layers_than_the_network_has_are_refused():
    with pytest.raises(ValueError, match=r"num_early_layers must be at most 3, .* got num_early_layers=4"):
        rows_of(scheme="later-layers", num_early_layers=4)


def test_the_learning_rate_follows_the_schedule():
    rows, _ = rows_of(schedule="steps", epochs=8, scheme="standard")
    assert [row["learning_rate"] for row in rows] == pytest.approx([0.05] * 4 + [0.005] * 2 + [0.0005] * 2)


def test_a_run_does_not_touch_the_global_generator():
    before = torch.get_rng_state()
    rows_of(dropout=0.5, epochs=1)
    assert torch.equal(before, torch.get_rng_state())


def test_every_epoch_has_its_own_order_of_images(monkeypatch):
    orders = []

    def spy(*args, **kwargs):
        orders.append(tuple(epoch_order(*args, **kwargs).tolist()))
        return epoch_order(*args, **kwargs)

    monkeypatch.setattr("thesis_workloads.systems.repr.epoch.epoch_order", spy)
    rows_of()
    assert len(set(orders)) == 7


def test_every_epoch_has_its_own_dropout(monkeypatch):
    monkeypatch.setattr(
        "thesis_workloads.systems.repr.epoch.epoch_order", lambda size, **_: torch.arange(size)
    )
    rows, _ = rows_of(scheme="standard", dropout=0.5, learning_rate=1e-30, batch_size=64)
    assert len({row["train/loss"] for row in rows}) == 7


def test_divergence_names_epoch_and_learning_rate():
    with pytest.raises(FloatingPointError, match=r"became (nan|inf) in epoch \d+ at learning_rate=1e\+12"):
        rows_of(learning_rate=1e12)


def test_without_held_out_images_there_is_nothing_to_report_of_them():
    reporter = MemoryReporter()
    train(dataclasses.replace(CONFIG, epochs=1, num_val=0), splits(num_val=0), reporter)
    assert not [key for key in reporter.rows[0] if key.startswith("val/")]
    assert math.isfinite(reporter.rows[0]["test/loss"])


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"p": 130.0}, "p must be within 0..100, got p=130"),
        ({"p": 90.0}, "p must leave min_filters=1 in every layer"),
        ({"model": "resnet"}, "model must name a network such as"),
        ({"p": 90.0, "teacher": "c2-8", "teacher_epochs": 2}, "p must leave min_filters=1 in every layer"),
        ({"teacher": "c2x8", "teacher_epochs": 2}, "model must name a network such as"),
        ({"teacher": "nowhere/state.pt"}, "teacher must be none, a network or the file of a run's state"),
        ({"metric": "oracle"}, "data must have held-out images for oracle"),
    ],
)
def test_wrong_settings_are_refused_before_training(changes, message):
    reporter = MemoryReporter()
    with pytest.raises(ValueError, match=message):
        train(dataclasses.replace(CONFIG, **changes), splits(num_val=0), reporter)
    assert reporter.rows == []


def test_a_listener_that_saves_nothing_costs_no_snapshot(monkeypatch):
    taken = []
    monkeypatch.setattr(
        "thesis_workloads.systems.repr.train.save_training_state", lambda *args, **kwargs: taken.append(args)
    )
    train(dataclasses.replace(CONFIG, epochs=1), splits(), MemoryReporter(keep_state=False))
    assert taken == []
