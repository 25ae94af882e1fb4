import pytest
import torch

from thesis_workloads.metrics.robustness import normalised_l2
from thesis_workloads.systems.pixel_deflection.adversaries import adaptive_images, adversarial_images
from thesis_workloads.systems.pixel_deflection.config import PixelDeflectionConfig
from thesis_workloads.systems.pixel_deflection.defenders import (
    as_seen_by_attacker,
    classify_defended,
    deflection,
)

PGD = {"epsilon": 0.03, "num_steps": 5, "early_stop": False}


def test_clean_images_stay_as_they_are(classifier, right):
    assert torch.equal(adversarial_images("clean", classifier, *right), right[0])


@pytest.mark.parametrize("name", ["fgsm", "igsm", "gradient", "deepfool", "pgd-l2"])
def test_a_size_that_is_asked_for_is_the_size_of_every_perturbation(classifier, right, name):
    found = adversarial_images(name, classifier, *right, l2=0.03, parameters={})
    torch.testing.assert_close(normalised_l2(found, right[0]), torch.full((6,), 0.03), rtol=0.03, atol=0)


def test_without_a_size_the_attack_stops_where_it_wants(classifier, right):
    found = adversarial_images("igsm", classifier, *right)
    assert float(normalised_l2(found, right[0]).max()) < 0.03
    assert (classifier(found).argmax(1) != right[1]).all()


def test_an_image_is_attacked_the_same_in_any_company(classifier, right):
    images, labels, ids = right
    classifier, images = classifier.double(), images.double()  # sums in another order can't turn a sign
    together = adversarial_images("pgd", classifier, images, labels, ids, seed=3)
    order = torch.tensor([4, 1])
    alone = adversarial_images("pgd", classifier, images[order], labels[order], ids[order], seed=3)
    torch.testing.assert_close(alone, together[order])


def test_another_seed_is_another_start(classifier, right):
    parameters = {**PGD, "num_steps": 1}
    first, second = (
        adversarial_images("pgd", classifier, *right, parameters=parameters, seed=seed) for seed in (0, 1)
    )
    assert not torch.equal(first, second)


@pytest.mark.parametrize("gradient", ["bpda", "true"])
def test_who_knows_the_defence_gets_further_than_who_does_not(classifier, right, gradient):
    images, labels, ids = right
    config = PixelDeflectionConfig(num_deflections=200, sigma=0.15)
    defender = deflection(config, gradient=gradient)
    defense = as_seen_by_attacker(defender, classifier)
    blind = adversarial_images("deepfool", classifier, *right)
    knowing = adaptive_images(
        "pgd",
        classifier,
        defense,
        *right,
        parameters=PGD,
        num_draws=3,
        seed=9,
        gradient=defender.gradient,
    )

    def num_right(attacked):
        from thesis_workloads.saliency.cam import robust_activation_map

        saliency = robust_activation_map(classifier, attacked)
        shared = {"saliency": saliency, "num_votes": 5, "seed": 0}
        return int(classify_defended(defender, classifier, attacked, labels, ids, **shared).num_right.sum())

    assert num_right(knowing) < num_right(blind)
    assert float((knowing - images).abs().max()) <= 0.03 + 1e-6


def test_an_image_that_the_defence_loses_by_itself_is_attacked_all_the_same(classifier, right):
    images, labels, _ = right
    others = [int((labels != label).nonzero()[0]) for label in labels]
    calls = []

    def shows_another_image_at_first(given, seeds):
        calls.append(len(given))
        return given if len(calls) > 1 else images[others]

    found = adaptive_images("pgd", classifier, shows_another_image_at_first, *right, parameters=PGD)
    assert ((found != images).flatten(1).any(1)).all()
