import math

import pytest
import torch

from thesis_workloads.imaging.thresholds import bayes_threshold, shrink, sure_threshold, threshold_of

BANDS = torch.randn(3, 40, dtype=torch.float64, generator=torch.Generator().manual_seed(0)) * 2
NOISE = torch.full((3, 1), 0.7, dtype=torch.float64)


def test_soft_thresholding_by_hand():
    values = torch.tensor([-3.0, -1.0, 0.0, 0.5, 1.0, 2.5])
    assert shrink(values, torch.tensor(1.0), mode="soft").tolist() == [-2.0, 0.0, 0.0, 0.0, 0.0, 1.5]


def test_hard_thresholding_by_hand():
    values = torch.tensor([-3.0, -1.0, 0.0, 0.5, 1.0, 2.5])
    assert shrink(values, torch.tensor(1.0), mode="hard").tolist() == [-3.0, 0.0, 0.0, 0.0, 0.0, 2.5]


def test_bayes_is_noise_variance_over_signal_deviation():
    bands = torch.tensor([[3.0, -3.0, 3.0, -3.0]])
    threshold = bayes_threshold(bands, torch.tensor([[math.sqrt(5.0)]]))
    torch.testing.assert_close(threshold, torch.tensor([[2.5]]))


def test_bayes_removes_a_band_weaker_than_the_noise():
    assert float(shrink(BANDS * 0.1, bayes_threshold(BANDS * 0.1, NOISE), mode="soft").abs().max()) == 0


def test_visu_is_the_universal_threshold():
    threshold = threshold_of(BANDS, NOISE, method="visu", num_pixels=1000)
    torch.testing.assert_close(threshold, torch.full_like(threshold, 0.7 * math.sqrt(2 * math.log(1000))))


def test_sure_has_the_least_risk_of_zero_and_all_magnitudes():
    threshold = sure_threshold(BANDS, NOISE)
    for band, chosen in zip(BANDS, threshold[:, 0], strict=True):

        def risk(t, band=band):
            sizes = band.abs()
            variance = 0.7**2
            kept = variance * len(band) - 2 * variance * float((sizes <= t).sum())
            return kept + float(torch.minimum(sizes, t).square().sum())

        limit = 0.7 * math.sqrt(2 * math.log(40))
        candidates = [torch.tensor(0.0).double()] + [size for size in band.abs() if float(size) <= limit]
        assert risk(chosen) == pytest.approx(min(risk(size) for size in candidates))


def test_sure_keeps_everything_where_there_is_no_noise():
    assert float(sure_threshold(BANDS, NOISE * 0).abs().max()) == 0


def test_the_gradient_of_soft_bayes_shrinkage_is_right():
    bands = BANDS.clone().requires_grad_()
    assert torch.autograd.gradcheck(lambda x: shrink(x, bayes_threshold(x, NOISE), mode="soft"), (bands,))


def test_unknown_names_are_refused():
    with pytest.raises(ValueError, match="method must"):
        threshold_of(BANDS, NOISE, method="best", num_pixels=40)
    with pytest.raises(ValueError, match="mode must"):
        shrink(BANDS, NOISE, mode="firm")
