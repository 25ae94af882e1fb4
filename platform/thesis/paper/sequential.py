"""Tests that may be looked at after every seed: the error rate holds at any stopping time.

Looking again and again at Student's t test until it says yes is wrong in far more than 5 % of cases. Here the
evidence against a mean of zero is a Bayes factor whose prior on mean / standard deviation is normal with standard
deviation `SCALE`, and whose prior on the standard deviation is the right Haar measure (Gonen et al., "The Bayesian
two-sample t test", The American Statistician 59, 2005). For normal samples it is an e-process: with a true mean of
zero it ever reaches 1 / alpha with a chance of at most alpha (Ville, 1939; Hendriksen, de Heide and Gruenwald,
"Optional stopping with Bayes factors", Bayesian Analysis 16, 2021). ``1 / factor`` is therefore a p value at any
time, and the means that are not excluded form an interval that holds at all times at once.

Of unpaired samples and of ratios, which the jackknife brings to the same form, it holds approximately, as t does.
"""

import math

SCALE = (
    2.0  # of mean / standard deviation: of 0.5, 1, 2 and 4 it needs the fewest seeds for effects of 1 to 5
)


def log_bayes_factor(ratio: float, *, num_samples: int, degrees: float) -> float:
    """Returns the logarithm of the evidence against zero.

    Args:
        ratio: The t statistic: value / standard error.
        num_samples: Samples (pairs) that the value is a mean of, at least two.
        degrees: Degrees of freedom of the standard error: ``num_samples - 1`` of paired samples.
    """
    growth = 1 + num_samples * SCALE**2
    gain = math.log1p(ratio**2 / degrees) - math.log1p(ratio**2 / (degrees * growth))
    return (degrees + 1) / 2 * gain - math.log(growth) / 2


def anytime_p(ratio: float, *, num_samples: int, degrees: float) -> float:
    """Returns a p value in (0, 1] that stays valid however the number of samples was chosen."""
    return min(1.0, math.exp(-log_bayes_factor(ratio, num_samples=num_samples, degrees=degrees)))


def anytime_quantile(alpha: float, *, num_samples: int, degrees: float) -> float:
    """Returns the half width, in standard errors, of the interval that holds at all times with chance 1 - alpha.

    It is the t statistic whose `anytime_p` is alpha; infinite where so few samples exclude nothing.
    """
    growth = 1 + num_samples * SCALE**2
    factor = (growth / alpha**2) ** (1 / (degrees + 1))
    return math.sqrt(degrees * (factor - 1) / (1 - factor / growth)) if factor < growth else math.inf
