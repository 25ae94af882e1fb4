"""The size of a run, computed from its configuration: no image is read."""

import math

from thesis_workloads.contract.model_size import ModelSize
from thesis_workloads.systems.ms_roi.config import RegionEncoderConfig, RegionNetworkConfig

_NUM_CLASSES = {"composites": 8, "stamps": 8, "caltech-256": 256}
_SHIPPED_HALF, _SHIPPED_PIXELS = 14, 512 * 512  # photographs of both parts that a seed draws; of one of them
# Encoding, decoding and metrics are little arithmetic: 26 ms of a core a photograph, at the rate of an estimate (70
# GFLOP/s).
_FLOPS_PER_PIXEL = 7000.0
_CALTECH_IMAGES = 24_000  # of its 30,607, for training


def size_of(config: RegionNetworkConfig) -> ModelSize:
    """Returns the size of a run; a folder is taken for Caltech-256."""
    classes = _NUM_CLASSES.get(config.data, 256)
    parameters = activations = 0
    flops, channels, side = 0.0, 3, config.image_size
    for stage in range(config.stages):
        wide = config.width * min(2**stage, 8)
        weights = 9 * wide * (channels + wide)
        parameters += weights + 2 * wide
        flops += 2.0 * weights * side * side
        activations += 2 * wide * side * side
        channels, side = wide, side // 2
    weights = 9 * channels * classes * config.maps_per_class
    return ModelSize(
        num_parameters=parameters + weights + classes * (config.maps_per_class + 1),
        flops_per_example=flops + 2.0 * weights * side * side,
        activations_per_example=activations,
        values_per_example=3 * config.image_size**2,
        num_train=config.num_train or _CALTECH_IMAGES,
        num_val=config.num_val,
    )


def encoder_size_of(config: RegionEncoderConfig) -> ModelSize:
    """Returns the size of a trial of the encoder: both files and metrics of each photograph."""
    num_photographs = min(config.num_val or _SHIPPED_HALF, _SHIPPED_HALF)
    return ModelSize(
        num_parameters=0,
        flops_per_example=_FLOPS_PER_PIXEL * _SHIPPED_PIXELS,
        activations_per_example=10 * _SHIPPED_PIXELS,
        values_per_example=3 * _SHIPPED_PIXELS,
        num_train=0,
        num_val=math.ceil(num_photographs / config.epochs),
    )
