"""A digest of the code that computes a number: over its modules, as far as imports reach."""

import ast
import functools
import importlib.util
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path

from thesis_workloads.contract.digest import digest
from thesis_workloads.contract.experiment import Experiment

_FOLLOWED = ("thesis_workloads.", "thesis.execution.")
# Literal tables that name every system, or every measurement, and import none of them before it is asked for.
# A caller that goes through one names the module behind it as a start of its own.
_TABLES = (
    "thesis.execution.training.preparations",
    "thesis.execution.measurements.registry",
    "thesis_workloads.registry",
)
# Files of a system's package that declare what is run and compute nothing.
_DECLARATIONS = (
    "regime",
    "experiment",
    "encoder_experiment",
    "tables",
    "figures",
    "curve_figures",
    "analyses",
    "settings",
    "jpeg_defenses",
)
# They start Ray and set it up.
_WITHOUT_NUMBERS = (
    "thesis.execution.cluster.connection",
    "thesis.execution.cluster.ray_data",
    "thesis.execution.cluster.ray_private",
)
_LIBRARIES = ("torch", "numpy")  # another version of these may give other numbers


def code_digest(*starts: str) -> str:
    """Returns a digest of modules and of all modules of the workloads and of the execution that they import.

    A package stands for all of its modules. Two digests agree where no line of this code differs and PyTorch
    and NumPy are the same.

    Raises:
        ModuleNotFoundError: if there is no module of a given name, which would leave its code out of the digest.
    """
    files = sorted(_closure(tuple(starts)))
    content = [(name, path.read_text(encoding="utf-8")) for name, path in files]
    return digest([content, [(name, version(name)) for name in _LIBRARIES]], 16)


def code_of(experiment: Experiment) -> str:
    """Returns the module whose imports compute a system's numbers."""
    found = experiment.workload
    return found.partition(":")[0] if isinstance(found, str) else experiment.config.__module__


def _closure(starts: tuple[str, ...]) -> set[tuple[str, Path]]:
    found: dict[str, Path] = {}
    waiting = [module for start in starts for module in _modules(start)]
    while waiting:
        name = waiting.pop()
        path = _path(name)
        if name in found or path is None:
            continue
        found[name] = path
        waiting += [each for each in _imports(path) if _is_followed(each)]
    return set(found.items())


def _is_followed(module: str) -> bool:
    return module.startswith(_FOLLOWED) and not module.startswith((*_TABLES, *_WITHOUT_NUMBERS))


def _modules(start: str) -> Iterable[str]:
    path = _path(start)
    if path is None:
        raise ModuleNotFoundError(f"there is no module {start!r} to digest: was it renamed?")
    yield start
    if path.name == "__init__.py":
        for below in sorted(path.parent.rglob("*.py")):
            if "systems" in below.parts and below.stem in _DECLARATIONS:
                continue
            parts = below.relative_to(path.parent).with_suffix("").parts
            yield ".".join((start, *parts)).removesuffix(".__init__")


@functools.cache
def _path(module: str) -> Path | None:
    try:
        spec = importlib.util.find_spec(module)
    except ModuleNotFoundError:  # a name inside a module, not a module
        return None
    return Path(spec.origin) if spec is not None and spec.origin else None


def _imports(path: Path) -> Iterable[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
