"""A defence that the user brings: a function in a Python file, with its gradient, a stand-in or neither."""

import functools
import hashlib
import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import Any

from torch import Tensor

from thesis_workloads.contract.errors import UserError
from thesis_workloads.contract.evaluation import DefenseSpec
from thesis_workloads.systems.pixel_deflection.defenders import Defender


def own_defense(text: str, *, num_votes: int) -> DefenseSpec:
    """Returns the spec of ``module:function`` or ``file.py:function``, its file found and read.

    The function maps images ``(N, 3, H, W)`` in [0, 1] and int64 seeds ``(N,)`` to images. Attributes that it may have:
    ``num_votes``, its draws (1 without randomness; default 1), and ``stand_in``, a differentiable function of the same
    form that an attacker differentiates in its place (BPDA).

    Raises:
        UserError: if the file, or the function in it, is not there.
    """
    module, _, function = text.rpartition(":")
    path = Path(module if module.endswith(".py") else f"{module.replace('.', '/')}.py").resolve()
    if not path.is_file():
        raise UserError(f"--defenses {text} must name a Python file and a function in it, got no file {path}")
    digest = hashlib.blake2b(path.read_bytes(), digest_size=8).hexdigest()
    spec = DefenseSpec(name=text, kind="own", rival=f"{path}:{function}", settings={"digest": digest})
    defense = _function(spec.rival, digest)
    votes = int(getattr(defense, "num_votes", 1))
    return DefenseSpec(
        name=text,
        kind="own",
        rival=spec.rival,
        settings=spec.settings,
        num_votes=min(max(votes, 1), num_votes),
    )


def own_defender(spec: DefenseSpec) -> Defender:
    """Returns the user's defence as the evaluation's stages meet it; it is given no map."""
    defense = _function(spec.rival, str(spec.settings["digest"]))

    def apply(images: Tensor, seeds: Tensor, saliency: Tensor | None) -> Tensor:
        defended: Tensor = defense(images, seeds)
        return defended

    return Defender(apply=apply, stand_in=getattr(defense, "stand_in", None))


@functools.cache
def _function(place: str, digest: str) -> Callable[..., Any]:
    """Returns the function at ``path:name``; the digest tells an edited file from the one before."""
    path, _, name = place.rpartition(":")
    module_spec = importlib.util.spec_from_file_location(f"own_defense_{digest}", path)
    if module_spec is None or module_spec.loader is None:
        raise UserError(f"--defenses must name a Python file, got {path}")
    module = importlib.util.module_from_spec(module_spec)
    try:
        module_spec.loader.exec_module(module)
    except (ImportError, SyntaxError, NameError) as error:
        raise UserError(f"--defenses must name a file that Python can import, got {path}: {error}") from error
    function = getattr(module, name, None)
    if not callable(function):
        raise UserError(f"--defenses must name a function in {path}, got {name!r}")
    return function  # type: ignore[no-any-return]
