"""``thesis reproduce``: the declared runs of a table or figure, its published numbers and its claims."""

from typing import Annotated

import typer

from thesis.cli.options import (
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
from thesis.experiments.plan import Resources
from thesis.experiments.tables import REPRODUCTIONS, find_reproduction
from thesis.settings import DEFAULT_OUTPUT_DIR
from thesis_workloads.contract.tables import check_scale

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
    until_decided: Annotated[
        bool, typer.Option("--until-decided", help="Add seeds where they decide most claims per core hour.")
    ] = False,
    time_budget: Annotated[
        str, typer.Option(help="With --until-decided: wall time, such as 30m or 2h.")
    ] = "2h",
    max_seeds: Annotated[
        int, typer.Option(min=2, help="With --until-decided: the most seeds of a table.")
    ] = 30,
    plan: PlanOption = False,
    quiet: QuietOption = False,
) -> None:
    """Reproduce tables and figures: run what is missing, set it next to the published numbers, judge the claims.

    A table that is there, made from the same configuration, data and code, is shown and not made again; a
    finished trial serves every table that has it. Ctrl-C stops cleanly; the same command resumes.
    A table that fails is noted and the others are run; exit code 1 then. 'thesis report' has all of it as a page.

    Examples:

      thesis reproduce table-5.1 --plan

      thesis reproduce table-5.1 table-5.2 --scale small

      thesis reproduce all --scale smoke && thesis report

      thesis reproduce table-5.1 table-5.2 --until-decided --time-budget 1h
    """
    check_scale(scale)
    names = list(REPRODUCTIONS) if ids == [_ALL] else list(dict.fromkeys(ids))
    for name in names:
        find_reproduction(name)
    from thesis.cli.printing.outcome import new_console
    from thesis.cli.printing.reproduction import Settings, print_costs, reproduce_all

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
    if until_decided:
        from thesis.cli.until_decided import (
            Limits,
            parse_duration,
            print_decision_plan,
            reproduce_until_decided,
        )

        limits = Limits(budget_s=parse_duration(time_budget), max_seeds=max_seeds)
        if plan:
            print_decision_plan(names, settings, limits, console)
            return
        if code := reproduce_until_decided(names, settings, limits, console):
            raise typer.Exit(code)
        return
    if plan:
        print_costs(names, settings, console)
        return
    code = reproduce_all(names, settings, console)
    if code:
        raise typer.Exit(code)
