"""Options that several commands share."""

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from thesis.experiments.plan import Resources
from thesis_workloads.contract.errors import UserError
from thesis_workloads.contract.experiment import Experiment
from thesis_workloads.contract.overrides import TOO_LARGE_SEED, parse_overrides
from thesis_workloads.registry import all_systems

SystemArgument = Annotated[
    str, typer.Argument(help="A system; 'thesis list' names them.", show_default=False)
]
ScaleOption = Annotated[
    str,
    typer.Option(
        help="smoke (under a minute), small (minutes on 2 cores) or paper (the published settings)."
    ),
]
SetOption = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Override one setting; repeat for more. E.g. --set p=50"),
]
HashKeysOption = Annotated[
    int | None,
    typer.Option(
        min=0,
        metavar="N",
        help="Of condensed-memory: read only the N articles nearest to a note, for a knowledge base too large to read"
        " whole; 0 reads all. Short for --set hash_keys=N.",
    ),
]
WorkersOption = Annotated[int, typer.Option(min=1, help="Ray Train workers (processes) of one run.")]
CpusOption = Annotated[float, typer.Option(min=0.1, help="CPUs that each worker holds.")]
GpusOption = Annotated[
    float, typer.Option(min=0, help="GPUs that each worker holds; 0.25 packs four on one card.")
]
MemoryOption = Annotated[
    float,
    typer.Option(min=0, metavar="GIB", help="Memory that each worker holds; Ray starts no more than fit."),
]
GpuMemoryOption = Annotated[
    float,
    typer.Option(
        min=0,
        metavar="GIB",
        help="Memory of a GPU that each worker needs, CUDA's own half GiB included; as many as fit share a card.",
    ),
]
SeedOption = Annotated[int, typer.Option(min=0, max=TOO_LARGE_SEED - 1, help="The (first) seed.")]
DataDirOption = Annotated[
    Path | None,
    typer.Option(envvar="THESIS_DATA_DIR", help="Where datasets lie that no package ships.", file_okay=False),
]
OutputDirOption = Annotated[
    Path, typer.Option(envvar="THESIS_OUTPUT_DIR", help="Where runs, figures and the MLflow store are kept.")
]
CheckpointDirOption = Annotated[
    str | None,
    typer.Option(
        envvar="THESIS_CHECKPOINT_DIR",
        metavar="FOLDER|s3://BUCKET/PREFIX",
        help="Where checkpoints are kept; default: in the run's folder.",
    ),
]
DownloadOption = Annotated[
    bool,
    typer.Option(
        "--download", help="Fetch a torchvision dataset into --data-dir first (needs the internet)."
    ),
]
QuietOption = Annotated[bool, typer.Option("--quiet", "-q", help="Print the result only.")]
PlanOption = Annotated[bool, typer.Option("--plan", help="Print trials, time and memory; run nothing.")]
FreshOption = Annotated[bool, typer.Option("--fresh", help="Start again even if the same run is unfinished.")]


def make_overrides(declared: Experiment, texts: Sequence[str] | None, **flags: Any) -> dict[str, Any]:
    """Returns the overrides of ``--set`` and of a system's own flags; a flag that is None was not given.

    Raises:
        UserError: if a text is wrong, or a flag is another system's or says what ``--set`` says already.
    """
    overrides = parse_overrides(texts or [], declared.config)
    for name, value in flags.items():
        if value is None:
            continue
        flag = f"--{name.replace('_', '-')}"
        if name not in _settings(declared):
            owners = [system.name for system in all_systems().values() if name in _settings(system)]
            raise UserError(
                f"{flag} is a setting of {', '.join(owners)}; {declared.name} has none, leave it out"
            )
        if name in overrides:
            raise UserError(
                f"{flag} {value} and --set {name}={overrides[name]} say the same in two ways; leave one out"
            )
        overrides[name] = value
    return overrides


def _settings(system: Experiment) -> set[str]:
    return {field.name for field in dataclasses.fields(system.config)}


def make_resources(
    *, workers: int, cpus_per_worker: float, gpus_per_worker: float, memory: float, gpu_memory: float
) -> Resources:
    """Returns the resources that one run holds.

    Raises:
        UserError: if a part of a GPU is stated in two ways.
    """
    if gpus_per_worker and gpu_memory:
        raise UserError(
            f"--gpus-per-worker {gpus_per_worker:g} and --gpu-memory-per-worker {gpu_memory:g} say the same in two"
            " ways; leave one out"
        )
    return Resources(
        workers=workers,
        cpus_per_worker=cpus_per_worker,
        gpus_per_worker=gpus_per_worker,
        memory_gib_per_worker=memory,
        gpu_memory_gib_per_worker=gpu_memory,
    )
