"""What one setting of the content-aware encoder gains at equal size: what a sweep of the encoder runs many times.

Nothing is trained. A trial walks photographs in steps and reports after each the mean over all so far; those
of the other part are measured once, after the last step.

PSNR-S is taken over the same pixels for every setting: those whose map of the dissertation's five strongest classes is
above 0.5. Over a setting's own map the narrowest one would win by being asked about the least.

A seed draws half of each part. Drawn without replacement from N, the mean of half has the variance s^2 / N about
that of the part, so an interval over seeds is one over photographs.
"""

import math
from collections.abc import Sequence

import numpy as np
from PIL import Image

from thesis_workloads.contract.reporter import Reporter
from thesis_workloads.contract.settings import check_settings
from thesis_workloads.imaging.content_aware import TOLERANCE, Encoding, encode_content_aware
from thesis_workloads.imaging.jpeg.file import encode_jpeg
from thesis_workloads.imaging.jpeg.tables import scale_of_quality
from thesis_workloads.imaging.still_image import pixels_of
from thesis_workloads.metrics.peak_signal import psnr, psnr_salient
from thesis_workloads.saliency.regions import chosen_classes
from thesis_workloads.systems.ms_roi.config import RegionEncoderConfig
from thesis_workloads.systems.ms_roi.mapped_photographs import MappedPhotograph, MappedPhotographs

_JUDGED_BY = 5  # strongest classes: the dissertation's choice


def measure(config: RegionEncoderConfig, data: MappedPhotographs, reporter: Reporter) -> None:
    """Reports, after each of ``epochs`` steps, what was seen so far of the part to choose by.

    Metrics, means over photographs: ``val/psnr_s`` and ``val/psnr`` in dB, ``val/size_ratio`` to the plain
    JPEG, ``val/within_tolerance``, the share whose size differs by at most 1%; the same under ``test/`` at the end.
    A photograph without a salient pixel counts for all but PSNR-S.

    Raises:
        ValueError: if a setting is wrong.
    """
    validate(config)
    val, test = (drawn(part, seed=config.seed) for part in (data.val, data.test))
    rows: list[dict[str, float]] = []
    for step in range(config.epochs):
        first, last = (math.ceil(len(val) * number / config.epochs) for number in (step, step + 1))
        rows += [measured(config, data, each) for each in val[first:last]]
        metrics = means(rows, "val")
        if step == config.epochs - 1:
            metrics |= means([measured(config, data, each) for each in test], "test")
        reporter.report({"epoch": step + 1, **metrics})


def drawn(part: Sequence[MappedPhotograph], *, seed: int) -> list[MappedPhotograph]:
    """Returns half of a part, rounded up, in its own order."""
    order = np.random.default_rng(seed).permutation(len(part))
    return [part[at] for at in sorted(order[: math.ceil(len(part) / 2)])]


def measured(
    config: RegionEncoderConfig, data: MappedPhotographs, photograph: MappedPhotograph
) -> dict[str, float]:
    """Returns the metrics of one photograph, without ``val/``."""
    image = Image.fromarray(photograph.pixels.numpy())
    network = {"size": data.input_size, "stride": data.stride}
    if config.encoder == "plain":
        plain = coded = encode_jpeg(image, scale_of_quality(config.quality))
    else:
        top_k, threshold = chosen_classes(config.classes)
        saliency = photograph.region_map(top_k=top_k, threshold=threshold, **network)
        encoded = encode_content_aware(image, saliency, encoding_of(config))
        plain, coded = encoded.plain, encoded.data
    reference, decoded = pixels_of(image), pixels_of(coded)
    judged_by = photograph.region_map(top_k=_JUDGED_BY, threshold=None, **network)
    ratio = len(coded) / len(plain)
    return {
        "psnr_s": float(psnr_salient(reference, decoded, judged_by[None])),
        "psnr": float(psnr(reference, decoded)),
        "size_ratio": ratio,
        "within_tolerance": float(abs(ratio - 1) <= TOLERANCE),
    }


def means(rows: Sequence[dict[str, float]], part: str) -> dict[str, float]:
    """Returns the mean of each metric over the photographs that have it."""
    found = {}
    for name in rows[0] if rows else ():
        values = [row[name] for row in rows if math.isfinite(row[name])]
        if values:
            found[f"{part}/{name}"] = sum(values) / len(values)
    return found


def encoding_of(config: RegionEncoderConfig) -> Encoding:
    """Returns the encoder's settings."""
    return Encoding(
        quality=config.quality,
        num_levels=config.num_levels,
        q_low=config.q_low,
        q_high=config.q_high,
        rounding=config.rounding,
    )


def validate(config: RegionEncoderConfig) -> None:
    """Checks every field's choices and bounds, the classes' notation, and the order of the qualities.

    Raises:
        ValueError: naming the first setting that is out of range, with what it may be.
    """
    check_settings(config)
    chosen_classes(config.classes)
    encoding_of(config).level_qualities  # noqa: B018  # checks them
