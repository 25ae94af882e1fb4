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
    " training and test part is 28 points there (C^3(32), two seeds), some twenty in the dissertation."
)
SHALLOW: dict[str, Overrides] = {
    "smoke": SMOKE,
    # 19 steps an epoch at a high rate: phases of 20 and 10 epochs converge, which 5 steps at 0.01 don't.
    "small": {**NOISY, "batch_size": 16, "learning_rate": 0.05},
    "paper": {"num_train": 0, "num_val": 5000},
}
