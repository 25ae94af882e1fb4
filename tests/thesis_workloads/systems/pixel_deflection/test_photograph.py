import pytest
import torch

from thesis_workloads.systems.pixel_deflection.config import PixelDeflectionConfig
from thesis_workloads.systems.pixel_deflection.photograph import defend_photograph

IMAGE = torch.rand(3, 50, 70, generator=torch.Generator().manual_seed(0))


def test_an_image_of_any_size_keeps_it(classifier):
    found = defend_photograph(PixelDeflectionConfig(), classifier, IMAGE, name="a")
    assert found.shape == IMAGE.shape


def test_the_map_spares_pixels(classifier):
    with torch.no_grad():
        classifier.linear_head.weight.abs_()  # or the map may be zero everywhere

    def moved(use_rcam):
        config = PixelDeflectionConfig(num_deflections=1500, denoisers="", use_rcam=use_rcam)
        return int((defend_photograph(config, classifier, IMAGE, name="a") != IMAGE).any(0).sum())

    assert moved(True) < moved(False)


def test_another_name_is_another_draw(classifier):
    first, second = (
        defend_photograph(PixelDeflectionConfig(), classifier, IMAGE, name=name) for name in ("a", "b")
    )
    assert not torch.equal(first, second)


def test_a_map_without_a_classifier_is_refused():
    with pytest.raises(ValueError, match="classifier must be given"):
        defend_photograph(PixelDeflectionConfig(), None, IMAGE, name="a")
