import dataclasses

import pytest

from thesis_workloads.systems.pixel_deflection.config import PixelDeflectionConfig
from thesis_workloads.systems.pixel_deflection.size import size_of
from thesis_workloads.systems.pixel_deflection.validation import validate


def test_the_texts_settings_are_allowed():
    validate(PixelDeflectionConfig())


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"window": -1}, "window must be at least 0, got window=-1"),
        ({"sigma": float("nan")}, "sigma must be at least 0, got sigma=nan"),
        ({"epochs": 0}, "epochs must be at least 1"),
        ({"classifier": "resnet50"}, "classifier must be one of"),
        ({"denoisers": "wavelet+fourier"}, "denoisers must be some of .* got 'fourier'"),
        ({"variant": "released", "sampling": "gaussian"}, "variant=released must sample uniformly"),
        ({"attacks": "+"}, "attacks must name at least one"),
    ],
)
def test_what_is_out_of_range_is_named_with_what_it_may_be(changes, message):
    with pytest.raises(ValueError, match=message):
        validate(dataclasses.replace(PixelDeflectionConfig(), **changes))


def test_a_trial_costs_its_classifications_whatever_steps_it_takes():
    config = PixelDeflectionConfig(num_val=10, attacks="fgsm+cw", num_votes=3, epochs=5)
    assert 5 * size_of(config).num_val == 10 * 3 * 3
