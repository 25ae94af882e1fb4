"""One of several workers that train together: the fixtures of `conftest.py` start it as a process of its own.

Usage: worker_process.py SCRIPT RANK WORLD_SIZE FOLDER. The script is a ``one_worker.py`` with ``EXAMPLES`` and
``run(example)``; what each example got is written to FOLDER/rank-RANK.pt.
"""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import torch
import torch.distributed as dist


def loaded(script: Path) -> ModuleType:
    """Returns a script as a module, named after its folder."""
    spec = importlib.util.spec_from_file_location(f"one_worker_of_{script.parent.name}", script)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def run_all(module: ModuleType) -> dict[str, dict]:
    """Returns rows of metrics, weights and more of every example."""
    return {example: module.run(example) for example in module.EXAMPLES}


def main(script: Path, rank: int, world_size: int, folder: Path) -> None:
    torch.set_num_threads(1)
    dist.init_process_group("gloo", init_method=f"file://{folder}/store", rank=rank, world_size=world_size)
    torch.save(run_all(loaded(script)), folder / f"rank-{rank}.pt")
    dist.destroy_process_group()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4]))
