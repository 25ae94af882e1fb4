"""``thesis train``: one training run on Ray Train."""

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
from thesis.experiments.plan import TrainPlan, make_config
from thesis.settings import DEFAULT_OUTPUT_DIR
from thesis_workloads.registry import find_system
from thesis_workloads.studies import study_digest


def train_command(
    system: SystemArgument,
    set_: SetOption = None,
    hash_keys: HashKeysOption = None,
    scale: ScaleOption = "small",
    seed: SeedOption = 0,
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
    """Train one model on Ray Train, tracked in MLflow.

    Examples:

      thesis train repr

      thesis train repr --set p=50 --set optimizer=adam --workers 2

      thesis train repr --set scheme=standard --set model=c8-32 --set batch_norm=true
    """
    declared = find_system(system)
    overrides = {"seed": seed, **make_overrides(declared, set_, hash_keys=hash_keys)}
    train_plan = TrainPlan(
        system=declared.reference or declared.name,
        code=study_digest(declared.reference),
        scale=scale,
        config=make_config(declared, scale=scale, overrides=overrides),
        resources=make_resources(
            workers=workers,
            cpus_per_worker=cpus_per_worker,
            gpus_per_worker=gpus_per_worker,
            memory=memory_per_worker,
            gpu_memory=gpu_memory_per_worker,
        ),
    )
    from thesis.workflows.settings_checks import check_early

    check_early(train_plan, output_dir=None if plan else output_dir, data_dir=data_dir, download=download)
    from thesis.cli.printing.outcome import new_console, print_plan, print_train
    from thesis.cli.printing.progress import make_watch
    from thesis.execution.training.job import JobOptions, run_job
    from thesis.reporting.sweeps.publish import conclude_train

    console = new_console()
    if plan:
        print_plan(train_plan, console)
        return
    outcome = run_job(
        train_plan,
        JobOptions(
            output_dir=output_dir,
            data_dir=data_dir,
            checkpoint_dir=checkpoint_dir,
            fresh=fresh,
            download=download,
        ),
        watch=make_watch(quiet=quiet, console=console),
        conclude=conclude_train,
    )
    print_train(outcome, console)
    if outcome.was_interrupted:
        raise typer.Exit(130)
