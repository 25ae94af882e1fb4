"""Seeds derived from what they are for, so that no generator has to be saved or carried along."""

import contextlib
import hashlib
from collections.abc import Iterator

import torch


def derived_seed(*parts: int | str) -> int:
    """Returns a seed in 0..2^63-1 that depends on all parts and their order, on every machine alike."""
    digest = hashlib.blake2b(repr(parts).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") >> 1


def generator(*parts: int | str) -> torch.Generator:
    """Returns a generator on the CPU that starts from the seed derived from the parts."""
    return torch.Generator().manual_seed(derived_seed(*parts))


@contextlib.contextmanager
def seeded(*parts: int | str, device: torch.device | None = None) -> Iterator[None]:
    """Seeds PyTorch's global generators inside the block and gives the caller's state back after it.

    Layers such as dropout and the initialisation of modules draw from the global generator only. That of the CPU is
    seeded and, where it is given, that of a CUDA device: `torch.manual_seed` takes a stack trace for each kind of
    device that is not there, a hundredth of a short epoch.
    """
    devices = [device] if device is not None and device.type == "cuda" else []
    seed = derived_seed(*parts)
    with torch.random.fork_rng(devices=devices):
        torch.default_generator.manual_seed(seed)
        for each in devices:
            with torch.cuda.device(each):
                torch.cuda.manual_seed(seed)
        yield
