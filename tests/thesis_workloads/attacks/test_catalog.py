"""What every attack of the catalogue promises."""

import pytest
import torch

from thesis_workloads.attacks.catalog import ATTACKS, perturb

# Fewer steps than the catalogue's, and budgets that suffice on the small network.
QUICK = {
    "fgsm": {"epsilon": 0.3},
    "igsm": {"epsilon": 0.3},
    "gradient": {"epsilon": 3.0},
    "lbfgs": {"num_bisections": 2},
    "jsma": {"max_fraction": 0.5},
    "cw": {"num_steps": 60, "num_searches": 4, "initial_c": 0.1},
    "pgd": {"epsilon": 0.3, "num_steps": 20},
    "pgd-l2": {"epsilon": 3.0, "num_steps": 20},
    "apgd-ce": {"epsilon": 0.3, "num_steps": 20},
    "apgd-dlr": {"epsilon": 0.3, "num_steps": 20},
    "square": {"epsilon": 0.3, "num_steps": 100},
}
NAMES = sorted(ATTACKS)
TARGETED = [name for name in NAMES if ATTACKS[name].takes_targets]
ITERATED = [name for name in TARGETED if name not in ("fgsm", "gradient")]


def run(name, problem, rows=slice(None), seeds=None, **arguments):
    return perturb(
        name,
        problem.model,
        problem.inputs[rows],
        problem.labels[rows] if "labels" not in arguments else arguments.pop("labels"),
        seeds=(problem.seeds if seeds is None else seeds)[rows],
        parameters=QUICK.get(name, {}),
        **arguments,
    )


@pytest.mark.parametrize("name", NAMES)
def test_images_stay_in_the_bounds(convolutional, name):
    found = run(name, convolutional)
    assert found.min() >= 0
    assert found.max() <= 1


@pytest.mark.parametrize("name", NAMES)
def test_most_images_are_fooled(convolutional, name):
    found = run(name, convolutional)
    assert (convolutional.model(found).argmax(1) != convolutional.labels).double().mean() >= 0.8


@pytest.mark.parametrize("name", NAMES)
def test_an_image_alone_gives_the_same_as_in_a_batch(convolutional, name):
    whole = run(name, convolutional)
    alone = torch.cat([run(name, convolutional, slice(row, row + 1)) for row in range(5)])
    torch.testing.assert_close(alone, whole, rtol=0, atol=1e-7)


@pytest.mark.parametrize("name", NAMES)
def test_an_image_that_is_wrong_already_comes_back_unchanged(convolutional, name):
    found = run(name, convolutional, labels=(convolutional.labels + 1) % 6)
    torch.testing.assert_close(found, convolutional.inputs, rtol=0, atol=0)


@pytest.mark.parametrize("name", NAMES)
def test_the_same_seeds_give_the_same_images(convolutional, name):
    torch.testing.assert_close(run(name, convolutional), run(name, convolutional), rtol=0, atol=0)


@pytest.mark.parametrize("name", [name for name in NAMES if ATTACKS[name].takes_seeds])
def test_other_seeds_give_other_images(convolutional, name):
    found = run(name, convolutional, seeds=convolutional.seeds + 50)
    assert not torch.equal(found, run(name, convolutional))


@pytest.mark.parametrize("name", ITERATED)
def test_a_target_is_reached(convolutional, name):
    targets = convolutional.model(convolutional.inputs).topk(2).indices[:, 1]
    found = run(name, convolutional, targets=targets)
    assert (convolutional.model(found).argmax(1) == targets).double().mean() >= 0.8


@pytest.mark.parametrize("name", NAMES)
def test_an_empty_batch_gives_an_empty_batch(convolutional, name):
    assert run(name, convolutional, slice(0, 0)).shape == (0, 3, 8, 8)


@pytest.mark.parametrize("name", NAMES)
def test_the_inputs_are_left_as_they_were(convolutional, name):
    before = convolutional.inputs.clone()
    run(name, convolutional)
    torch.testing.assert_close(convolutional.inputs, before, rtol=0, atol=0)


def test_an_unknown_name_is_refused(convolutional):
    with pytest.raises(ValueError, match="name must be one of"):
        run("fgms", convolutional)


def test_an_untargeted_attack_refuses_targets(convolutional):
    with pytest.raises(ValueError, match="without targets"):
        run("deepfool", convolutional, targets=convolutional.labels)
