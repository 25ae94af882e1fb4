"""A study of your own: one system in a Python file, or behind ``module:NAME``."""

import dataclasses
import functools
import hashlib
import importlib.util
import sys
from pathlib import Path
from types import ModuleType

from thesis_workloads.contract.errors import UserError
from thesis_workloads.contract.experiment import Experiment
from thesis_workloads.contract.reference import resolve


def is_study(name: str) -> bool:
    """Returns whether a name is the path of a Python file or a reference ``module:NAME``."""
    return name.endswith(".py") or ":" in name


def canonical(name: str) -> str:
    """Returns the name that finds the study from any working directory: an absolute path for a file."""
    return str(Path(name).expanduser().resolve()) if name.endswith(".py") else name


def study_digest(name: str) -> str:
    """Returns a digest of the study's code: of a file its content, empty for a system by name."""
    if not is_study(name):
        return ""
    path = Path(name) if name.endswith(".py") else _module_path(name.partition(":")[0])
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16]


def load_study(name: str) -> Experiment:
    """Returns the one `Experiment` that a file declares, or that a reference names.

    Raises:
        UserError: naming file and line, if there is no such file, it can't be imported, or it declares none or several.
    """
    if not name.endswith(".py"):
        try:
            found = resolve(name)
        except (ImportError, ValueError) as error:
            raise UserError(f"the study {name} can't be loaded: {error}") from error
        return dataclasses.replace(_checked(found, name), reference=name)
    path = Path(canonical(name))
    if not path.is_file():
        raise UserError(f"there is no study {name}: it must be a Python file that declares an Experiment")
    return dataclasses.replace(_load_file(path, path.stat().st_mtime_ns), reference=str(path))


@functools.cache
def _load_file(path: Path, _modified_ns: int) -> Experiment:
    module = _imported(path)
    found = [
        value
        for key, value in vars(module).items()
        if isinstance(value, Experiment) and not key.startswith("_")
    ]
    if len(found) != 1:
        raise UserError(
            f"{path.name} must declare exactly one Experiment at its top level, got {len(found)}; write STUDY ="
            " Experiment(name=..., config=..., workload=Workload(load=..., train=...), space=..., baseline=...)"
        )
    return _checked(found[0], path.name)


def _imported(path: Path) -> ModuleType:
    name = f"thesis_study_{hashlib.sha256(str(path).encode()).hexdigest()[:8]}"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses look up their module by name
    if str(path.parent) not in sys.path:
        sys.path.append(str(path.parent))  # last: a study's neighbours shadow no installed package
    try:
        spec.loader.exec_module(module)
    except SyntaxError as error:
        del sys.modules[name]
        raise UserError(f"{path.name}, line {error.lineno}: {error.msg}") from error
    except UserError:
        del sys.modules[name]
        raise
    except Exception as error:
        del sys.modules[name]
        raise UserError(f"{path.name}{_line_in(path, error)}: {type(error).__name__}: {error}") from error
    return module


def _line_in(path: Path, error: BaseException) -> str:
    line, trace = 0, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == str(path):
            line = trace.tb_lineno
        trace = trace.tb_next
    return f", line {line}" if line else ""


def _checked(found: object, name: str) -> Experiment:
    if not isinstance(found, Experiment):
        raise UserError(f"{name} must be an Experiment, got {type(found).__name__}")
    if not dataclasses.is_dataclass(found.config):
        raise UserError(
            f"{name}: the config of {found.name} must be a dataclass, got {found.config.__name__}"
        )
    if not found.config.__dataclass_params__.frozen:  # type: ignore[attr-defined]
        raise UserError(f"{name}: the config {found.config.__name__} must be frozen: @dataclass(frozen=True)")
    names = {field.name for field in dataclasses.fields(found.config)}
    unknown = [key for key in (*found.space, *found.baseline, *found.baseline_ignores) if key not in names]
    if unknown:
        raise UserError(
            f"{name}: {found.name} declares {unknown[0]!r}, which is no setting of {found.config.__name__}"
        )
    if "seed" not in names:
        raise UserError(
            f"{name}: {found.config.__name__} needs a field seed: int = 0, which --seeds repeats over"
        )
    return found


def _module_path(module: str) -> Path:
    spec = importlib.util.find_spec(module)
    if spec is None or not spec.origin:
        raise UserError(f"there is no module {module}")
    return Path(spec.origin)
