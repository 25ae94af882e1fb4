"""Auto-PGD against a published implementation, image by image."""

import numpy as np
import pytest
import torch
from torch import nn

from thesis_workloads.attacks.apgd import apgd_ce, apgd_dlr
from thesis_workloads.attacks.model import AttackModel

pytestmark = pytest.mark.parity


@pytest.mark.parametrize(
    ("attack", "loss"), [(apgd_ce, "cross_entropy"), (apgd_dlr, "difference_logits_ratio")]
)
@pytest.mark.parametrize("epsilon", [0.05, 0.1])
def test_apgd_fools_the_images_that_arts_fools_but_for_two_of_a_hundred(hundred, attack, loss, epsilon):
    from art.attacks.evasion import AutoProjectedGradientDescent
    from art.estimators.classification import PyTorchClassifier

    network, images, labels = hundred
    seeds = torch.arange(len(labels))
    found = attack(AttackModel(network), images, labels, seeds=seeds, epsilon=epsilon, num_steps=40)
    peer = AutoProjectedGradientDescent(
        PyTorchClassifier(network, nn.CrossEntropyLoss(), images.shape[1:], 10, clip_values=(0.0, 1.0)),
        norm=np.inf,
        eps=epsilon,
        eps_step=2 * epsilon,
        max_iter=40,
        nb_random_init=1,
        batch_size=100,
        loss_type=loss,
        verbose=False,
    )
    made = torch.from_numpy(peer.generate(images.numpy(), np.eye(10, dtype=np.float32)[labels.numpy()]))
    ours, theirs = (network(each).argmax(1) != labels for each in (found, made))
    assert 5 < int(ours.sum()) < 100  # neither trivial nor hopeless, so that the attacks could differ
    assert int((ours != theirs).sum()) <= 2
