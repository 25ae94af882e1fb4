"""The checklist: that a sound attack passes it, and that each planted fault fails the check that is there for it."""

from dataclasses import replace

import pytest
import torch

from thesis_workloads.attacks.adaptive import DefendedModel
from thesis_workloads.attacks.audit import CHECKS, Evidence, audit
from thesis_workloads.attacks.binarisation import binarisation_test
from thesis_workloads.attacks.model import AttackModel
from thesis_workloads.attacks.probes import PLAIN, PROBES, run_probe
from thesis_workloads.attacks.randomness import derive_seeds, uniform

NUM = 40
ALL, NONE = dict.fromkeys(range(9), True), dict.fromkeys(range(9), False)


def noisy(images, seeds):
    """A random differentiable defence: every value scaled by a factor of its own, around one."""
    return images * (0.95 + 0.1 * uniform(seeds, images.shape[1:]).to(images))


@pytest.fixture(scope="module")
def problem():
    """Images that a linear classifier of random weights gets right, at many distances from its boundary."""
    generator = torch.Generator().manual_seed(3)
    weights = torch.randn(4, 48, generator=generator)
    inputs = 0.5 + 0.05 * torch.randn(NUM, 3, 4, 4, generator=generator)
    model = AttackModel(lambda images: (images - 0.5).flatten(1) @ weights.T)
    return model, inputs, model(inputs).argmax(1), torch.arange(NUM) + 11


def fates(problem, images, defense, *, draws=5, seed=99):
    """Returns by image whether the vote of the defender's draws, and the first of them, are right."""
    model, _, labels, seeds = problem
    rights = torch.stack(
        [model(defense(images, derive_seeds(seeds, seed, draw))).argmax(1) == labels for draw in range(draws)]
    )
    votes = dict(enumerate((2 * rights.sum(0) > draws).tolist()))
    return votes, dict(enumerate(rights[0].tolist()))


def evidence(
    problem, *, defense=noisy, plain=PLAIN, gradients=("true",), stand_in=None, told=None, epsilon=0.02
):
    model, inputs, labels, seeds = problem
    shared = {"num_steps": 10, "num_draws": 2, "gradients": gradients, "stand_in": stand_in, "plain": plain}
    own = derive_seeds(seeds, 99, 0)
    images = {
        name: run_probe(
            name, model, defense, inputs, labels, seeds=seeds, defender_seeds=own if told is None else told,
            epsilon=epsilon, **shared,
        )
        for name in PROBES
    }  # fmt: skip
    curve = {
        each: run_probe(
            "plain", model, defense, inputs, labels, seeds=seeds, defender_seeds=own, epsilon=each, **shared
        )
        for each in (0.5 * epsilon, epsilon, 0.45)
    }
    outcomes = binarisation_test(
        lambda batch: model(batch), defense, inputs[:8], seeds=seeds[:8], epsilon=0.1, num_inner=20, num_steps=20,
        num_draws=2, gradients=gradients, members=(plain,), stand_in=stand_in,
    )  # fmt: skip
    defended = {each: fates(problem, found, defense)[0] for each, found in curve.items()}
    return Evidence(
        undefended={0.45: dict.fromkeys(range(NUM), False)},
        defended=defended,
        probes={name: fates(problem, found, defense)[0] for name, found in images.items()},
        plain_single=fates(problem, images["plain"], defense)[1],
        known_single=fates(problem, images["known-draw"], defense)[1],
        binarisation=dict(enumerate(outcomes)),
        excess=max(float((found - inputs).abs().max()) - epsilon for found in images.values()),
        is_random=True,
        has_gradient=True,
    )


def verdicts(found):
    return {check.name: check.verdict for check in audit(found)}


@pytest.fixture(scope="module")
def sound(problem):
    return evidence(problem)


def test_a_sound_attack_passes_every_check(sound):
    assert {check.name: check.verdict for check in audit(sound)} == dict.fromkeys(CHECKS, "pass"), audit(
        sound
    )


def test_a_gradient_of_zero_fails_the_binarisation_test_and_loses_to_attacks_without_gradient(problem):
    found = verdicts(evidence(problem, gradients=("bpda",), stand_in=lambda images, seeds: 0 * images))
    assert found["the binarisation test's planted success is found"] == "fail"
    assert found["the gradient beats gradient-free attacks"] == "fail"
    assert found["accuracy falls to zero with epsilon"] == "fail"


def test_a_step_too_small_to_cross_the_ball_fails_the_doubling_of_steps(problem):
    found = verdicts(evidence(problem, plain=replace(PLAIN, step_share=0.03)))
    assert found["twice the steps change no more than the interval"] == "fail"


def test_a_draw_fixed_wrongly_fails_the_check_of_the_known_draw(problem):
    wrong = torch.full((NUM,), 12345)
    broad = lambda images, seeds: images * (4 * uniform(seeds, images.shape[1:]).to(images) - 1)  # noqa: E731
    right = verdicts(evidence(problem, defense=broad, epsilon=0.05))
    found = verdicts(evidence(problem, defense=broad, epsilon=0.05, told=wrong))
    name = "a known draw is no harder than an unknown one"
    assert (right[name], found[name]) == ("pass", "fail")


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("the undefended network reaches zero", {"undefended": {0.1: {0: True, 1: False}}}),
        ("accuracy falls to zero with epsilon", {"defended": {0.1: {0: True}, 0.2: {0: True}}}),
        ("bounds and epsilon are held", {"excess": 1e-4}),
        ("the gradient beats random noise", {"probes": {"plain": ALL, "noise": NONE}}),
        ("many steps beat a single one", {"probes": {"plain": ALL, "one-step": NONE}}),
        ("twice the restarts change no more than the interval", {"probes": {"plain": ALL, "restarts-x2": NONE}}),
        ("twice the draws change no more than the interval", {"probes": {"plain": ALL, "draws-x2": NONE}}),
    ],
)  # fmt: skip
def test_a_check_fails_on_the_evidence_against_it(sound, name, changes):
    assert verdicts(replace(sound, **changes))[name] == "fail"


def test_what_a_defence_does_not_have_is_not_checked(sound):
    found = verdicts(replace(sound, is_random=False))
    assert found["twice the draws change no more than the interval"] == "not applicable"
    assert found["a known draw is no harder than an unknown one"] == "not applicable"
    found = verdicts(replace(sound, has_gradient=False))
    assert found["the gradient beats gradient-free attacks"] == "not applicable"


def test_a_planted_success_is_there_and_rare(problem):
    """The test's own premise, with features in which the boundary point is far out: found by the gradient."""
    model, inputs, _, seeds = problem
    outcomes = binarisation_test(
        lambda batch: model(batch), noisy, inputs[:6], seeds=seeds[:6], epsilon=0.1, num_inner=20, num_steps=20,
        num_draws=2, gradients=("true",), members=(PLAIN,),
    )  # fmt: skip
    assert outcomes.count("invalid") < 6
    assert "missed" not in outcomes


def test_the_known_draw_is_the_one_that_the_attack_meets(problem):
    model, inputs, _, seeds = problem
    seen = DefendedModel(classifier=model, defense=noisy, seeds=seeds, fresh_draws=False, gradient="true")
    torch.testing.assert_close(seen(inputs), model(noisy(inputs, seeds)))
