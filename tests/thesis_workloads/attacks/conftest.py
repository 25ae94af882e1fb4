"""A linear classifier whose smallest perturbations are known, and a small convolutional one."""

from dataclasses import dataclass

import pytest
import torch
from sklearn.datasets import load_digits
from torch import Tensor, nn

from thesis_workloads.attacks.model import AttackModel


@dataclass(frozen=True)
class Problem:
    model: AttackModel
    inputs: Tensor  # (B, C, H, W)
    labels: Tensor  # (B,) as predicted
    seeds: Tensor  # (B,)


@dataclass(frozen=True)
class LinearProblem(Problem):
    weights: Tensor  # (K, N)
    optimal_l2: Tensor  # (B,) distance to the nearest boundary, far from the bounds
    optimal_linf: Tensor  # (B,)


@pytest.fixture
def linear() -> LinearProblem:
    generator = torch.Generator().manual_seed(0)
    weights = torch.randn(5, 48, generator=generator)
    inputs = (0.5 + 0.1 * torch.randn(6, 3, 4, 4, generator=generator)).clamp(0.2, 0.8)
    model = AttackModel(lambda images: images.flatten(1) @ weights.T)
    logits = model(inputs)
    labels = logits.argmax(1)
    rises = (logits.gather(1, labels[:, None]) - logits).scatter(1, labels[:, None], torch.inf)
    normals = weights[None] - weights[labels][:, None]
    l2 = (rises / normals.norm(dim=2)).amin(1)
    linf = (rises / normals.abs().sum(2)).amin(1)
    return LinearProblem(model, inputs, labels, torch.arange(6) + 100, weights, l2, linf)


@pytest.fixture
def convolutional() -> Problem:
    """In float64, so that the order of summation in a batch cannot turn the sign of a gradient."""
    with torch.random.fork_rng():
        torch.manual_seed(1)
        network = nn.Sequential(
            nn.Conv2d(3, 8, 3, padding=1),
            nn.ReLU(),
            nn.Conv2d(8, 8, 3, stride=2),
            nn.ReLU(),
            nn.Flatten(),
            nn.Linear(72, 6),
        )
    network = network.double().eval().requires_grad_(False)
    inputs = torch.rand(5, 3, 8, 8, generator=torch.Generator().manual_seed(2), dtype=torch.float64)
    model = AttackModel(lambda images: 20 * network(2 * images - 1))
    return Problem(model, inputs, model(inputs).argmax(1), torch.arange(5) + 7)


@pytest.fixture(scope="module")
def hundred():
    """A small network on the handwritten digits, and 100 images that it gets right."""
    digits = load_digits()
    images = torch.tensor(digits.images, dtype=torch.float32)[:, None] / 16
    labels = torch.tensor(digits.target)
    torch.manual_seed(0)
    network = nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1),
        nn.ReLU(),
        nn.Conv2d(16, 32, 3, stride=2),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(288, 10),
    )
    optimizer = torch.optim.Adam(network.parameters(), lr=0.01)
    for _ in range(60):
        optimizer.zero_grad()
        nn.functional.cross_entropy(network(images[:1000]), labels[:1000]).backward()
        optimizer.step()
    network = network.eval().requires_grad_(False)
    right = (network(images[1000:]).argmax(1) == labels[1000:]).nonzero().squeeze(1)[:100] + 1000
    return network, images[right], labels[right]
