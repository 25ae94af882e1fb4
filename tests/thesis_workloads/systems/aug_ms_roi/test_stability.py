from dataclasses import dataclass

import pytest
import torch

from thesis_workloads.contract.reporter import MemoryReporter
from thesis_workloads.saliency.class_activity import ClassActivity
from thesis_workloads.systems.aug_ms_roi import stability
from thesis_workloads.systems.aug_ms_roi.config import AugmentedMapConfig
from thesis_workloads.systems.aug_ms_roi.stability import correlation, measure, validate


@dataclass(frozen=True, kw_only=True)
class Part:
    is_clean: bool
    ids: torch.Tensor
    images: torch.Tensor


@dataclass(frozen=True, kw_only=True)
class Parts:
    parts: tuple


class RedNetwork:
    input_size, stride = 16, 4

    def activity(self, images):
        maps = torch.nn.functional.avg_pool2d(images[:, :1], 4)
        return ClassActivity(maps=maps, totals=maps.mean((2, 3)))

    def perturbable_layers(self):
        return []


def test_correlation_is_numpys():
    maps, others = torch.rand(2, 5, 7), torch.rand(2, 5, 7)
    expected = [
        float(torch.corrcoef(torch.stack([a.flatten(), b.flatten()]))[0, 1])
        for a, b in zip(maps, others, strict=True)
    ]
    assert correlation(maps, others).tolist() == pytest.approx(expected, abs=1e-6)
    assert correlation(maps, torch.ones(2, 5, 7)).tolist() == [0.0, 0.0]


def test_an_untouched_image_keeps_its_map_and_a_mirrored_one_does_not(monkeypatch):
    monkeypatch.setattr(stability, "network_of", lambda config: RedNetwork())
    images = torch.linspace(0, 1, 16).expand(2, 3, 16, 16)
    ids = torch.tensor([8, 9])

    def of(attacked):
        parts = (
            lambda: Part(is_clean=True, ids=ids, images=images),
            lambda: Part(is_clean=False, ids=ids[1:], images=attacked[1:]),
        )
        reporter = MemoryReporter()
        measure(AugmentedMapConfig(perturbation_scale=0.0, epochs=1), Parts(parts=parts), reporter)
        return reporter.rows[-1]["val/correlation"]

    assert of(images) == pytest.approx(1.0)
    assert of(images.flip(3)) == pytest.approx(-1.0)


@pytest.mark.parametrize(
    "change",
    [{"num_perturbations": 0}, {"perturbation_scale": -1.0}, {"network": "none"}, {"classifier": "none"}],
)
def test_a_wrong_setting_is_named(change):
    with pytest.raises(ValueError, match=next(iter(change))):
        validate(AugmentedMapConfig(**change))
