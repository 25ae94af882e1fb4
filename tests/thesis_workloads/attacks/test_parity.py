"""The attacks against foolbox and the Adversarial Robustness Toolbox on one trained network.

Equal success, and a mean L2 no more than five percent larger.
"""

import numpy as np
import pytest
import torch
from torch import nn

from thesis_workloads.attacks.apgd import apgd_ce, apgd_dlr
from thesis_workloads.attacks.carlini_wagner import carlini_wagner
from thesis_workloads.attacks.deepfool import deepfool
from thesis_workloads.attacks.igsm import igsm
from thesis_workloads.attacks.jsma import jsma
from thesis_workloads.attacks.model import AttackModel
from thesis_workloads.attacks.objective import cross_entropy, input_gradient
from thesis_workloads.attacks.pgd import pgd
from thesis_workloads.attacks.single_step import fgsm, gradient_attack
from thesis_workloads.attacks.square import square

pytestmark = pytest.mark.parity


@pytest.fixture(scope="module")
def trained(hundred):
    """The network, and 40 images that it gets right."""
    network, images, labels = hundred
    return network, images[:40], labels[:40]


def outcome(network, found, images, labels):
    """Share fooled, and mean L2 of those that are."""
    fooled = network(found).argmax(1) != labels
    return float(fooled.double().mean()), float((found - images).flatten(1).norm(dim=1)[fooled].mean())


def assert_on_par(network, images, labels, found, peer):
    success, size = outcome(network, found, images, labels)
    peer_success, peer_size = outcome(network, peer, images, labels)
    assert success >= peer_success
    assert size <= 1.05 * peer_size


def by_foolbox(attack, network, images, labels, epsilon):
    import foolbox

    model = foolbox.PyTorchModel(network, bounds=(0, 1), device="cpu")
    _, clipped, _ = attack(model, images, labels, epsilons=epsilon)
    return clipped


def by_art(make, network, images, labels):
    from art.estimators.classification import PyTorchClassifier

    shape = tuple(images.shape[1:])
    classifier = PyTorchClassifier(
        network,
        loss=nn.CrossEntropyLoss(),
        input_shape=shape,
        nb_classes=10,
        clip_values=(0, 1),
        device_type="cpu",
    )
    found = make(classifier).generate(images.numpy(), y=np.eye(10, dtype=np.float32)[labels.numpy()])
    return torch.tensor(found)


@pytest.mark.parametrize("epsilon", [0.05, 0.2])
def test_fgsm_equals_foolbox_and_art(trained, epsilon):
    import foolbox
    from art.attacks.evasion import FastGradientMethod

    network, images, labels = trained
    found = fgsm(AttackModel(network), images, labels, epsilon=epsilon)
    torch.testing.assert_close(found, by_foolbox(foolbox.attacks.FGSM(), network, images, labels, epsilon))
    by_peer = by_art(lambda c: FastGradientMethod(c, eps=epsilon), network, images, labels)
    assert_on_par(network, images, labels, found, by_peer)


def test_gradient_attack_equals_foolboxs_l2_fast_gradient(trained):
    """But for gradients under its floor of 1e-12, which foolbox leaves shorter than the step."""
    import foolbox

    network, images, labels = trained
    model = AttackModel(network)
    found = gradient_attack(model, images, labels, epsilon=1.0)
    peer = by_foolbox(foolbox.attacks.FGM(), network, images, labels, 1.0)
    gradient, _, _ = input_gradient(model, images, labels, None, cross_entropy)
    is_above = gradient.flatten(1).norm(dim=1) > 1e-11
    assert is_above.sum() >= 30
    torch.testing.assert_close(found[is_above], peer[is_above], rtol=1e-4, atol=1e-5)


def test_igsm_without_early_stop_equals_foolbox(trained):
    import foolbox

    network, images, labels = trained
    found = igsm(AttackModel(network), images, labels, epsilon=0.1, early_stop=False)
    peer = by_foolbox(foolbox.attacks.LinfBasicIterativeAttack(), network, images, labels, 0.1)
    torch.testing.assert_close(found, peer, rtol=1e-4, atol=1e-5)


def test_igsm_is_on_par_with_foolbox_and_art(trained):
    import foolbox
    from art.attacks.evasion import BasicIterativeMethod

    network, images, labels = trained
    found = igsm(AttackModel(network), images, labels, epsilon=0.2)
    peer = by_foolbox(foolbox.attacks.LinfBasicIterativeAttack(), network, images, labels, 0.2)
    assert_on_par(network, images, labels, found, peer)
    peer = by_art(
        lambda c: BasicIterativeMethod(c, eps=0.2, eps_step=0.04, max_iter=10, verbose=False),
        network,
        images,
        labels,
    )
    assert_on_par(network, images, labels, found, peer)


@pytest.mark.parametrize(("norm", "epsilon"), [("linf", 0.15), ("l2", 1.0)])
def test_pgd_is_on_par_with_foolbox(trained, norm, epsilon):
    import foolbox

    network, images, labels = trained
    attack = foolbox.attacks.LinfPGD() if norm == "linf" else foolbox.attacks.L2PGD()
    seeds = torch.arange(len(labels))
    found = pgd(AttackModel(network), images, labels, seeds=seeds, norm=norm, epsilon=epsilon, num_steps=40)
    torch.manual_seed(0)
    assert_on_par(network, images, labels, found, by_foolbox(attack, network, images, labels, epsilon))


def test_deepfool_is_on_par_with_foolbox_and_art(trained):
    import foolbox
    from art.attacks.evasion import DeepFool

    network, images, labels = trained
    found = deepfool(AttackModel(network), images, labels)
    peer = by_foolbox(foolbox.attacks.L2DeepFoolAttack(), network, images, labels, None)
    assert_on_par(network, images, labels, found, peer)
    peer = by_art(
        lambda c: DeepFool(c, max_iter=50, epsilon=0.02, nb_grads=10, batch_size=40, verbose=False),
        network,
        images,
        labels,
    )
    assert_on_par(network, images, labels, found, peer)


def test_carlini_wagner_is_on_par_with_foolbox_and_art(trained):
    """At a step size where foolbox finds all: where it finds none, it returns a black image, which may fool too."""
    import foolbox
    from art.attacks.evasion import CarliniL2Method

    network, images, labels = trained
    arguments = {"num_steps": 200, "num_searches": 6, "initial_c": 0.01, "learning_rate": 0.05}
    found = carlini_wagner(AttackModel(network), images, labels, **arguments)
    attack = foolbox.attacks.L2CarliniWagnerAttack(6, 200, stepsize=0.05, initial_const=0.01)
    assert_on_par(network, images, labels, found, by_foolbox(attack, network, images, labels, None))

    def make(classifier):
        return CarliniL2Method(classifier, max_iter=50, binary_search_steps=6, batch_size=40, verbose=False)

    assert_on_par(network, images, labels, found, by_art(make, network, images, labels))


def test_square_is_on_par_with_art(trained):
    from art.attacks.evasion import SquareAttack

    network, images, labels = trained
    seeds = torch.arange(len(labels))
    found = square(AttackModel(network), images, labels, seeds=seeds, epsilon=0.2, num_steps=500)
    np.random.seed(0)  # noqa: NPY002 (the peer draws from numpy's global state)
    peer = by_art(
        lambda c: SquareAttack(c, eps=0.2, max_iter=500, batch_size=40, verbose=False),
        network,
        images,
        labels,
    )
    assert_on_par(network, images, labels, found, peer)


def test_jsma_needs_no_more_change_than_arts_pairs(trained):
    from art.attacks.evasion import SaliencyMapMethod

    network, images, labels = trained
    targets = network(images).topk(2).indices[:, 1]
    found = jsma(AttackModel(network), images, labels, targets=targets, theta=0.5, max_fraction=0.5)

    def make(classifier):
        return SaliencyMapMethod(classifier, theta=0.5, gamma=0.5, batch_size=40, verbose=False)

    assert_on_par(network, images, labels, found, by_art(make, network, images, targets))


@pytest.mark.parametrize(
    ("attack", "loss"), [(apgd_ce, "cross_entropy"), (apgd_dlr, "difference_logits_ratio")]
)
@pytest.mark.parametrize(("norm", "epsilon"), [("linf", 0.1), ("l2", 1.0)])
def test_apgd_is_on_par_with_art(trained, attack, loss, norm, epsilon):
    from art.attacks.evasion import AutoProjectedGradientDescent

    network, images, labels = trained
    found = attack(
        AttackModel(network),
        images,
        labels,
        seeds=torch.arange(len(labels)),
        norm=norm,
        epsilon=epsilon,
        num_steps=40,
    )

    def make(classifier):
        return AutoProjectedGradientDescent(
            classifier,
            norm=np.inf if norm == "linf" else 2,
            eps=epsilon,
            eps_step=2 * epsilon,
            max_iter=40,
            nb_random_init=1,
            batch_size=40,
            loss_type=loss,
            verbose=False,
        )

    np.random.seed(0)  # noqa: NPY002 (the peer draws from numpy's global state)
    assert_on_par(network, images, labels, found, by_art(make, network, images, labels))


def test_targeted_attacks_are_on_par_with_foolbox(trained):
    import foolbox

    network, images, labels = trained
    model = AttackModel(network)
    targets = network(images).topk(2).indices[:, 1]
    criterion = foolbox.criteria.TargetedMisclassification(targets)

    def share(found):
        return float((network(found).argmax(1) == targets).double().mean())

    found = carlini_wagner(
        model,
        images,
        labels,
        targets=targets,
        num_steps=200,
        num_searches=6,
        initial_c=0.01,
        learning_rate=0.05,
    )
    attack = foolbox.attacks.L2CarliniWagnerAttack(6, 200, stepsize=0.05, initial_const=0.01)
    peer = by_foolbox(attack, network, images, criterion, None)
    assert share(found) >= share(peer)
    assert (found - images).flatten(1).norm(dim=1).mean() <= 1.05 * (peer - images).flatten(1).norm(
        dim=1
    ).mean()
    climbed = pgd(model, images, labels, targets=targets, seeds=torch.arange(len(labels)), epsilon=0.15)
    torch.manual_seed(0)
    assert share(climbed) >= share(by_foolbox(foolbox.attacks.LinfPGD(), network, images, criterion, 0.15))
