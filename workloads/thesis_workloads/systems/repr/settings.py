"""What the declared tables and figures of RePr share: sets, seeds and settings by scale."""

from typing import Any

Overrides = dict[str, Any]

STANDARD: Overrides = {"scheme": "standard"}
CIFAR10: dict[str, dict[str, str]] = {
    "smoke": {"cifar-10": "digits"},
    "small": {"cifar-10": "digits"},
    "paper": {"cifar-10": "cifar10"},
}
SEEDS = {"smoke": 1, "small": 5, "paper": 3}
MORE_SEEDS = {**SEEDS, "small": 10}  # where small differences decide claims: tables 5.1, 5.2, figure 5.4
# After three rounds two epochs are left to learn with all filters.
SMOKE: Overrides = {"num_train": 100, "num_val": 100, "model": "c3-8", "epochs": 8, "s1": 1, "s2": 1}
# At smoke the teacher's and the generations' epochs are shortened with the run's.
LIMITS: dict[str, Overrides] = {"smoke": {"epochs": 8, "s1": 1, "s2": 1, "teacher_epochs": 1}}
PUBLISHED = ("cifar10", "cifar100")
# What stands for CIFAR-10's over-fitting where that set is absent: 30 % of the training labels are random. In the
# dissertation standard training has 72 % on the test part and a gap of some twenty points to the training part.
NOISY: Overrides = {"num_train": 300, "num_val": 500, "label_noise": 0.3}
STAND_IN = (
    "At small 300 digits stand for CIFAR-10, 30 % of their training labels random: standard training's gap between"
    " training and test part is 20 points there (C^3(32), four seeds), some twenty in the dissertation. Phases of 50"
    " and 100 steps end before the noise is learned by heart. Where they converge on it too (batch 16, rate 0.05),"
    " hardly any of RePr's gain is left."
)
SHALLOW: dict[str, Overrides] = {
    "smoke": SMOKE,
    "small": NOISY,
    "paper": {"num_train": 0, "num_val": 5000},
}
