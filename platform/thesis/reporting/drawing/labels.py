"""Names of keys and formats of numbers in tables and figures."""

from collections.abc import Mapping
from typing import Any

from thesis.statistics.intervals import Interval

NOTHING = "–"

PARTS = {"train": "training", "val": "validation", "test": "test"}

KEY_LABELS: dict[str, str] = {
    "s1": "S1, epochs of the full network",
    "s2": "S2, epochs of the sub-network",
    "p": "p, % of filters pruned",
    "n": "N, rounds",
    "metric": "ranking metric",
    "optimizer": "optimizer",
    "learning_rate": "learning rate",
    "batch_size": "batch size, images",
    "weight_decay": "weight decay",
    "num_train": "training images",
    "label_noise": "label noise, share of training labels",
    "readers": "weights that read a new filter",
    "epochs": "epochs",
    "dropout": "dropout probability",
    "window": "window, apothem in pixels",
    "num_deflections": "K, deflections",
    "sigma": "sigma of the denoising",
}


def key_label(key: str) -> str:
    """Returns the key of a configuration in words with its unit."""
    return KEY_LABELS.get(key, key.replace("_", " "))


def metric_words(metric: str) -> str:
    """Returns the metric in words: ``val/accuracy`` is "validation accuracy"."""
    part, _, name = metric.rpartition("/")
    return f"{PARTS.get(part, part)} {name.replace('_', ' ')}".strip()


def metric_label(metric: str) -> str:
    """Returns the metric in words with the unit it is shown in."""
    return f"{metric_words(metric)}, %" if is_fraction(metric) else metric_words(metric)


def is_fraction(metric: str) -> bool:
    """Returns True if the metric lies in 0..1 and is shown in percent."""
    return metric.rpartition("/")[2].endswith("accuracy")


def scale_of(metric: str) -> float:
    """Returns the factor from values of the metric to the shown numbers."""
    return 100.0 if is_fraction(metric) else 1.0


def format_value(value: Any) -> str:
    """Returns a setting in few characters: numbers with 4 significant digits."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.4g}"
    return NOTHING if value is None else str(value)


def settings_text(settings: Mapping[str, Any]) -> str:
    """Returns settings as they are given on the command line, without quotes: ``s1=10 p=30``."""
    return " ".join(f"{key}={format_value(value)}" for key, value in settings.items())


def format_interval(interval: Interval | None, *, metric: str, is_gain: bool = False) -> str:
    """Returns mean and half width: percent with one decimal, or 4 significant digits; a gain has its sign."""
    if interval is None:
        return NOTHING
    sign = "+" if is_gain else ""
    if not is_fraction(metric):
        width = "" if interval.half_width is None else f" ±{interval.half_width:.2g}"
        return f"{interval.mean:{sign}.4g}{width}"
    width = "" if interval.half_width is None else f" ±{100 * interval.half_width:.1f}"
    mean = round(100 * interval.mean, 1) or 0.0  # never -0.0
    return f"{mean:{sign}.1f}{width}"
