"""Options that several commands share."""

from pathlib import Path
from typing import Annotated

import typer

from thesis.errors import UserError
from thesis.experiments.plan import Resources

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
SeedOption = Annotated[int, typer.Option(min=0, help="The (first) seed.")]
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
FreshOption = Annotated[bool, typer.Option("--fresh", help="Start anew even if the same run is unfinished.")]

DEFAULT_OUTPUT_DIR = Path("runs")


def make_resources(
    *, workers: int, cpus_per_worker: float, gpus_per_worker: float, memory: float, gpu_memory: float
) -> Resources:
    """Returns what one run holds.

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
