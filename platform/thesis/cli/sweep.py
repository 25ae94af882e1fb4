"""``thesis sweep``: a hyperparameter sweep on Ray Tune, with its baseline."""

from typing import Annotated

import typer

from thesis.cli.options import (
    CheckpointDirOption,
    CpusOption,
    DataDirOption,
    DownloadOption,
    FreshOption,
    GpuMemoryOption,
    GpusOption,
    HashKeysOption,
    MemoryOption,
    OutputDirOption,
    PlanOption,
    QuietOption,
    ScaleOption,
    SeedOption,
    SetOption,
    SystemArgument,
    WorkersOption,
    make_overrides,
    make_resources,
)
from thesis.experiments.plan import make_sweep
from thesis.settings import DEFAULT_OUTPUT_DIR
from thesis_workloads.contract.search_space import parse_space
from thesis_workloads.registry import find_swept


def sweep_command(
    system: SystemArgument,
    space: Annotated[
        list[str] | None,
        typer.Option(
            metavar="KEY=VALUES",
            help="Search this setting instead of the declared space: s1=10,20 lists values, p=10:50 is a range,"
            " learning_rate=1e-3:1e-1:log a range on a log scale. Repeat for more.",
        ),
    ] = None,
    set_: SetOption = None,
    hash_keys: HashKeysOption = None,
    search: Annotated[
        str,
        typer.Option(
            help="grid (every combination), half (every second point of the grid: any two values of two settings"
            " still meet), random or optuna."
        ),
    ] = "grid",
    scheduler: Annotated[
        str, typer.Option(help="none, asha (stops what falls behind) or pbt (population based training).")
    ] = "none",
    samples: Annotated[int, typer.Option(help="Points that random and optuna try.")] = 8,
    seeds: Annotated[int, typer.Option(help="Seeds that every point and the baseline are run with.")] = 3,
    controls: Annotated[
        bool,
        typer.Option(
            "--controls",
            help="Also run the controls that the system declares, with the same budget and seeds: 'thesis list"
            " SYSTEM' names them.",
        ),
    ] = False,
    seed: SeedOption = 0,
    scale: ScaleOption = "small",
    concurrency: Annotated[
        int | None, typer.Option(min=1, help="Trials at once; default: as many as fit.")
    ] = None,
    workers: WorkersOption = 1,
    cpus_per_worker: CpusOption = 1.0,
    gpus_per_worker: GpusOption = 0.0,
    memory_per_worker: MemoryOption = 0.0,
    gpu_memory_per_worker: GpuMemoryOption = 0.0,
    data_dir: DataDirOption = None,
    download: DownloadOption = False,
    output_dir: OutputDirOption = DEFAULT_OUTPUT_DIR,
    checkpoint_dir: CheckpointDirOption = None,
    fresh: FreshOption = False,
    plan: PlanOption = False,
    quiet: QuietOption = False,
) -> None:
    """Sweep hyperparameters on Ray Tune, next to standard training with the same budget and seeds.

    Ends with a ranked table, figures, the best configuration as a command, and the link to compare the
    trials in MLflow. Ctrl-C stops cleanly; the same command, or 'thesis resume', resumes.

    Examples:

      thesis sweep repr

      thesis sweep repr --search half --controls

      thesis sweep repr --space p=10,30,50 --space s1=5,10,20 --seeds 5

      thesis sweep repr --search optuna --samples 20 --space p=5:60 --space learning_rate=1e-3:1e-1:log

      thesis sweep repr --search random --samples 16 --scheduler asha
    """
    declared = find_swept(system)
    sweep_plan = make_sweep(
        declared,
        scale=scale,
        overrides=make_overrides(declared, set_, hash_keys=hash_keys),
        space=parse_space(space or [], declared.config),
        search=search,
        scheduler=scheduler,
        num_samples=samples,
        num_seeds=seeds,
        seed=seed,
        resources=make_resources(
            workers=workers,
            cpus_per_worker=cpus_per_worker,
            gpus_per_worker=gpus_per_worker,
            memory=memory_per_worker,
            gpu_memory=gpu_memory_per_worker,
        ),
        with_controls=controls,
    )
    from thesis.workflows.settings_checks import check_early

    check_early(sweep_plan, output_dir=None if plan else output_dir, data_dir=data_dir, download=download)
    from thesis.cli.printing.outcome import new_console, print_plan, print_sweep
    from thesis.cli.printing.progress import make_watch
    from thesis.execution.training.job import JobOptions, run_job
    from thesis.reporting.sweeps.publish import conclude_sweep

    console = new_console()
    if plan:
        print_plan(sweep_plan, console)
        return
    outcome = run_job(
        sweep_plan,
        JobOptions(
            output_dir=output_dir,
            data_dir=data_dir,
            checkpoint_dir=checkpoint_dir,
            concurrency=concurrency,
            fresh=fresh,
            download=download,
        ),
        watch=make_watch(quiet=quiet, console=console),
        conclude=conclude_sweep,
    )
    print_sweep(outcome, console)
    if outcome.was_interrupted:
        raise typer.Exit(130)
