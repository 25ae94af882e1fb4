import pytest
import torch

from thesis_workloads.metrics.robustness import vote
from thesis_workloads.saliency.cam import robust_activation_map
from thesis_workloads.systems.pixel_deflection.config import PixelDeflectionConfig
from thesis_workloads.systems.pixel_deflection.defenders import (
    Defender,
    as_seen_by_attacker,
    baseline_defense,
    classify_defended,
    deflection,
    identity_defense,
)
from thesis_workloads.systems.pixel_deflection.evaluate import defend_images

CONFIG = PixelDeflectionConfig(num_deflections=400, num_votes=5)


def test_without_a_defence_the_classifier_speaks(classifier, right):
    images, labels, ids = right
    found = classify_defended(
        Defender(apply=identity_defense), classifier, images, labels, ids, saliency=None, num_votes=3, seed=0
    )
    assert torch.equal(found.single, labels)
    assert found.num_right.tolist() == [3] * 6
    torch.testing.assert_close(found.probability, classifier(images).softmax(1).amax(1))


def test_single_and_vote_are_those_of_the_defence_itself(classifier, right):
    images, labels, ids = right
    saliency = robust_activation_map(classifier, images)
    found = classify_defended(
        deflection(CONFIG), classifier, images, labels, ids, saliency=saliency, num_votes=5, seed=0
    )
    draws = [
        classifier(defend_images(CONFIG, images, ids, saliency=saliency, draw=draw)).argmax(1)
        for draw in range(5)
    ]
    assert torch.equal(found.single, draws[0])
    assert torch.equal(found.voted, vote(torch.stack(draws)))


def test_the_vote_is_the_majority_of_what_single_draws_say(classifier, right):
    images, labels, ids = right
    noisy = Defender(apply=lambda images, seeds, saliency: images + 0.3 * (seeds % 3)[:, None, None, None])
    shared = {"saliency": None, "seed": 4}
    found = classify_defended(noisy, classifier, images, labels, ids, num_votes=7, **shared)
    assert vote(found.voted[None]).shape == (6,)
    first = classify_defended(noisy, classifier, images, labels, ids, num_votes=1, **shared)
    assert torch.equal(found.single, first.single)


def test_a_map_that_is_wanted_and_missing_is_refused(classifier, right):
    with pytest.raises(ValueError, match="saliency must be given"):
        classify_defended(deflection(CONFIG), classifier, *right, saliency=None, num_votes=1, seed=0)


def test_the_attacker_sees_the_map_of_the_image_that_he_has(classifier, right):
    images, _, ids = right
    given = as_seen_by_attacker(deflection(CONFIG), classifier)(images, ids)
    saliency = robust_activation_map(classifier, images)
    assert torch.equal(given, deflection(CONFIG).apply(images, ids, saliency))


def test_the_attacker_computes_one_map_for_all_draws_of_an_image(classifier, right):
    images, _, ids = right
    seen = []
    defender = Defender(apply=lambda images, seeds, saliency: seen.append(saliency) or images, top_k=5)
    counted = CountingClassifier(classifier)
    repeated = images[:2].repeat_interleave(3, dim=0)
    as_seen_by_attacker(defender, counted)(repeated, ids[:1].repeat(6))
    assert counted.num_images == 2
    expected = robust_activation_map(classifier, repeated)
    torch.testing.assert_close(seen[0], expected, rtol=0, atol=1e-5)


class CountingClassifier:
    """Counts the images whose features are asked for."""

    def __init__(self, classifier):
        self.classifier, self.num_images = classifier, 0

    def features(self, images):
        self.num_images += len(images)
        return self.classifier.features(images)

    def __getattr__(self, name):
        return getattr(self.classifier, name)


def test_a_rival_is_the_catalogues(right):
    from thesis_workloads.defenses.catalog import apply_defense

    images, _, ids = right
    assert torch.equal(
        baseline_defense("bit-depth-2", bank=None).apply(images, ids, None),
        apply_defense("bit-depth-2", images, seeds=ids),
    )
