"""Random numbers that are a function of (seed, stream, counter) and of nothing else.

SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014): the
n-th value is a bijective mix of ``key + n * gamma``. Nothing is carried from one value to the next, so a
whole batch is made at once, on any device, and an image's draws don't depend on its neighbours in the
batch, on the worker or on the order. Integers below ``bound`` come from the upper 32 bits by a
multiplication, so no value's probability is off by more than ``bound / 2**32`` of itself.
"""

import hashlib

import torch
from torch import Tensor

_GAMMA = 0x9E3779B97F4A7C15 - 2**64  # the odd increment, written as a signed 64-bit number
_STREAM = 0x632BE59BD9B4E019  # keeps the keys of a seed's streams apart
_MIX_1 = 0xBF58476D1CE4E5B9 - 2**64
_MIX_2 = 0x94D049BB133111EB - 2**64


def mix(values: Tensor) -> Tensor:
    """Returns SplitMix64's finaliser of each int64 value, same shape."""
    values = (values ^ _shift_right(values, 30)) * _MIX_1
    values = (values ^ _shift_right(values, 27)) * _MIX_2
    return values ^ _shift_right(values, 31)


def image_seeds(ids: Tensor, *, seed: int, draw: int = 0) -> Tensor:
    """Returns one int64 seed per image ``(B,)`` from its id ``(B,)``, the run's seed and the draw's number.

    Independent draws of one image, as a vote needs, differ in ``draw`` only.
    """
    run = mix(torch.tensor(seed, dtype=torch.int64, device=ids.device))
    return mix(mix(run ^ ids.to(torch.int64)) + _wrap(draw * _GAMMA))


def id_of_name(name: str) -> int:
    """Returns a signed 64-bit id of an image's name, the same on every machine."""
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "little", signed=True)


def random_bits(seeds: Tensor, *, num: int, streams: tuple[int, ...]) -> Tensor:
    """Returns 64 random bits as int64 ``(len(streams), B, num)`` from one seed per row ``(B,)``.

    Entry n of a stream does not depend on ``num`` or on which other streams are asked for.
    """
    offsets = torch.tensor([[_wrap((stream + 1) * _STREAM)] for stream in streams], device=seeds.device)
    keys = mix(seeds.to(torch.int64) + offsets)
    counters = torch.arange(1, num + 1, device=seeds.device, dtype=torch.int64)
    return mix(keys[..., None] + counters * _GAMMA)


def random_integers(bits: Tensor, bounds: Tensor | int) -> Tensor:
    """Returns int64 in 0..bounds - 1 from random bits; ``bounds`` (at most 2**31) broadcasts against them."""
    return (_shift_right(bits, 32) * bounds) >> 32


def random_unit(bits: Tensor) -> Tensor:
    """Returns float64 uniform in [0, 1) from random bits."""
    return _shift_right(bits, 11).to(torch.float64) * 2.0**-53


def _wrap(value: int) -> int:
    """Returns the value modulo 2**64 as a signed 64-bit number, as torch's own multiplication would."""
    return (value + 2**63) % 2**64 - 2**63


def _shift_right(values: Tensor, by: int) -> Tensor:
    """Shifts in zeros from the left; torch's own shift of int64 copies the sign."""
    return (values >> by) & ((1 << (64 - by)) - 1)
