"""``thesis reproduce``: the declared runs of a table or figure, its published numbers and its claims."""

from typing import Annotated

import typer

from thesis.cli.options import (
    DEFAULT_OUTPUT_DIR,
    CpusOption,
    DataDirOption,
    DownloadOption,
    FreshOption,
    GpusOption,
    OutputDirOption,
    PlanOption,
    QuietOption,
    ScaleOption,
    SeedOption,
    WorkersOption,
)
from thesis.experiments.declared import check_scale
from thesis.experiments.plan import Resources
from thesis.experiments.reproductions import REPRODUCTIONS, find_reproduction

_ALL = "all"


def reproduce_command(
    ids: Annotated[
        list[str],
        typer.Argument(
            metavar="ID...",
            help="Tables and figures, e.g. table-5.1 figure-5.4; 'thesis list' names them. all: every one.",
            show_default=False,
        ),
    ],
    scale: ScaleOption = "small",
    seeds: Annotated[int, typer.Option(min=0, help="Seeds of each run; 0 takes the declared number.")] = 0,
    seed: SeedOption = 0,
    images: Annotated[str, typer.Option(help="Images of chapter 4: shipped or a folder.")] = "shipped",
    labels: Annotated[str, typer.Option(help="CSV with the columns file and label, for --images.")] = "",
    classifier: Annotated[
        str,
        typer.Option(
            help="Classifier of chapter 4; resnet-50 and others need --weights. Default: each table's stand-in."
        ),
    ] = "",
    weights: Annotated[str, typer.Option(help="File with that classifier's weights.")] = "",
    concurrency: Annotated[
        int | None, typer.Option(min=1, help="Trials at once; default: as many as fit.")
    ] = None,
    workers: WorkersOption = 1,
    cpus_per_worker: CpusOption = 1.0,
    gpus_per_worker: GpusOption = 0.0,
    data_dir: DataDirOption = None,
    download: DownloadOption = False,
    output_dir: OutputDirOption = DEFAULT_OUTPUT_DIR,
    fresh: FreshOption = False,
    plan: PlanOption = False,
    quiet: QuietOption = False,
) -> None:
    """Reproduce tables and figures: run what is missing, set it beside the published numbers, judge the claims.

    A table that is there, made from the same configuration, data and code, is shown and not made again; a
    finished trial serves every table that has it. Ctrl-C stops in good order; the same command goes on.
    A table that breaks is noted and the others go on; exit code 1 then. 'thesis report' has all of it as a page.

    Examples:

      thesis reproduce table-5.1 --plan

      thesis reproduce table-5.1 table-5.2 --scale small

      thesis reproduce all --scale smoke && thesis report
    """
    check_scale(scale)
    names = list(REPRODUCTIONS) if ids == [_ALL] else list(dict.fromkeys(ids))
    for name in names:
        find_reproduction(name)
    from thesis.cli.outcome import new_console
    from thesis.cli.reproduction import Settings, print_costs, reproduce_all

    settings = Settings(
        scale=scale,
        num_seeds=seeds,
        seed=seed,
        images=images,
        labels=labels,
        classifier=classifier,
        weights=weights,
        concurrency=concurrency,
        resources=Resources(
            workers=workers, cpus_per_worker=cpus_per_worker, gpus_per_worker=gpus_per_worker
        ),
        data_dir=data_dir,
        download=download,
        output_dir=output_dir,
        fresh=fresh,
        quiet=quiet,
    )
    console = new_console()
    if plan:
        print_costs(names, settings, console)
        return
    code = reproduce_all(names, settings, console)
    if code:
        raise typer.Exit(code)
