"""``thesis evaluate``: attacks x defences before a classifier, on Ray Data."""

from pathlib import Path
from typing import Annotated, Any

import typer

from thesis.cli.options import (
    DataDirOption,
    OutputDirOption,
    PlanOption,
    QuietOption,
    ScaleOption,
    SeedOption,
    SetOption,
)
from thesis.experiments.evaluation_plan import CONFIGS, Request, make_evaluation
from thesis.experiments.evaluations import find_evaluation
from thesis.settings import DEFAULT_OUTPUT_DIR
from thesis_workloads.classifiers.names import CLASSIFIERS
from thesis_workloads.classifiers.names import SHIPPED as WITH_WEIGHTS
from thesis_workloads.contract.errors import UserError
from thesis_workloads.contract.evaluation import DefenseSpec
from thesis_workloads.contract.overrides import nearest, parse_overrides
from thesis_workloads.systems.pixel_deflection.experiment import SCALES


def evaluate_command(
    system: Annotated[str, typer.Argument(help="The defence's system.")] = "pixel-deflection",
    table: Annotated[
        str,
        typer.Option(
            help="A table or figure of chapters 3 and 4, e.g. table-4.1; the same as thesis reproduce."
        ),
    ] = "",
    attacks: Annotated[
        str,
        typer.Option(
            metavar="NAMES",
            help="With commas: fgsm, igsm, deepfool, cw, jsma, lbfgs, pgd, apgd-ce, apgd-dlr, square, gradient;"
            " name@0.02 brings every perturbation to that normalised L2, name:4/255 sets epsilon.",
        ),
    ] = "",
    defenses: Annotated[
        str,
        typer.Option(
            "--defenses",
            "--defences",
            metavar="NAMES",
            help="With commas: pixel-deflection, pixel-deflection-rgb, jpeg, tvm, quilting, ..., or your own"
            " as file.py:function; no defence at all is always there.",
        ),
    ] = "",
    classifier: Annotated[
        str,
        typer.Option(
            help="efficientnet-lite0, -lite1, -lite2, resnet-50, vgg-19 or inception-v3; default: the table's stand-in,"
            " else efficientnet-lite0."
        ),
    ] = "",
    weights: Annotated[str, typer.Option(help="File with the classifier's weights; default: shipped.")] = "",
    images: Annotated[
        str,
        typer.Option(
            help="shipped, a folder (one folder per class, or with --labels), a Parquet file, or debian: photographs"
            " of installed Debian packages, judged by agreement."
        ),
    ] = "shipped",
    labels: Annotated[
        str,
        typer.Option(
            help="CSV with the columns file and label, for a flat folder; or 'agreement': no labels, the network's own"
            " clean answer counts as right, several squares of each photograph."
        ),
    ] = "",
    part: Annotated[
        str, typer.Option(help="all, or one of two parts that share no image: val (to choose by) and test.")
    ] = "all",
    max_images: Annotated[
        int | None, typer.Option(min=0, help="Images at most; 0 takes all. Default: the scale's.")
    ] = None,
    set_: SetOption = None,
    adaptive: Annotated[
        bool, typer.Option(help="Also try an attacker who knows each defence: the worst of a battery.")
    ] = True,
    audit: Annotated[
        bool,
        typer.Option(
            "--audit",
            help="Also audit that attacker: a checklist, several epsilons and the binarisation test.",
        ),
    ] = False,
    seed: SeedOption = 0,
    scale: ScaleOption = "small",
    chunk_size: Annotated[
        int | None,
        typer.Option(min=1, help="Images computed together; part of an adversarial set's identity."),
    ] = None,
    batch_size: Annotated[
        int, typer.Option(min=1, help="Images that an actor is handed at a time; changes no number.")
    ] = 4,
    concurrency: Annotated[
        int | None, typer.Option(min=1, help="Actors per stage; default: one per CPU. Changes no number.")
    ] = None,
    gpus_per_worker: Annotated[float, typer.Option(min=0, help="GPUs that each actor holds.")] = 0.0,
    data_dir: DataDirOption = None,
    output_dir: OutputDirOption = DEFAULT_OUTPUT_DIR,
    plan: PlanOption = False,
    quiet: QuietOption = False,
) -> None:
    """Attack a classifier and defend it, on Ray Data; every defence also meets an attacker who knows it.

    Adversarial images are kept (in --data-dir, else in the user's cache) and made once. Results: rows per
    image, aggregates with intervals, figures, and a child run in MLflow per attack and defence.

    Examples:

      thesis evaluate pixel-deflection --attacks fgsm@0.02,igsm,deepfool,cw

      thesis evaluate aug-ms-roi --part test --set num_perturbations=10

      thesis evaluate --table table-4.6 --scale smoke

      thesis evaluate --defenses my_defense.py:smooth --audit

      thesis evaluate --images val/ --labels val.csv --attacks deepfool --defenses pixel-deflection,jpeg,tvm
    """
    if system not in CONFIGS:
        raise UserError(f"thesis evaluate knows the systems {', '.join(CONFIGS)}, got {system!r}")
    if table:
        _reproduce(
            table,
            scale=scale,
            seed=seed,
            images=images,
            labels=labels,
            classifier=classifier,
            weights=weights,
            concurrency=concurrency,
            gpus_per_worker=gpus_per_worker,
            data_dir=data_dir,
            output_dir=output_dir,
            plan=plan,
            quiet=quiet,
        )
        return
    evaluation = make_evaluation(
        Request(
            system=system,
            attacks=tuple(_split(attacks)),
            defenses=tuple(_split(defenses)),
            classifier=classifier,
            weights=weights,
            images=images,
            labels=labels,
            part=part,
            max_images=max_images,
            chunk_size=chunk_size,
            overrides=parse_overrides(set_ or [], CONFIGS[system]),
            own_defenses=_own(_split(defenses), scale=scale),
            is_adaptive=adaptive,
            is_audited=audit,
            seed=seed,
            scale=scale,
        )
    )
    _check_names(evaluation.classifier, evaluation.weights, evaluation.images, evaluation.labels)
    from thesis.cli.printing.evaluation_outcome import print_evaluation, print_evaluation_plan, watching
    from thesis.cli.printing.outcome import new_console
    from thesis.execution.evaluation.pipeline import Throughput
    from thesis.execution.evaluation.run import EvaluationOptions
    from thesis.workflows.evaluate import evaluate

    console = new_console()
    if plan:
        print_evaluation_plan(evaluation, console, data_dir=data_dir)
        return
    throughput = Throughput(concurrency=concurrency, batch_size=batch_size, gpus_per_worker=gpus_per_worker)
    options = EvaluationOptions(output_dir=Path(output_dir), data_dir=data_dir, throughput=throughput)
    try:
        outcome = evaluate(evaluation, options, watch=watching(quiet=quiet, console=console))
    except KeyboardInterrupt:
        console.print("Interrupted; the adversarial images made so far are kept. The same command resumes.")
        raise typer.Exit(130) from None
    print_evaluation(outcome, console)


def _reproduce(table: str, **options: Any) -> None:
    """Hands a declared evaluation to ``thesis reproduce``."""
    from thesis.cli.reproduce import reproduce_command

    find_evaluation(table)
    reproduce_command([table], **options)


def _check_names(classifier: str, weights: str, images: str, labels: str) -> None:
    """Says which file or name is missing before anything slow is imported."""
    if classifier not in CLASSIFIERS:
        raise UserError(
            f"--classifier must be one of {', '.join(CLASSIFIERS)}, got {classifier!r}"
            f"{nearest(classifier, CLASSIFIERS)}"
        )
    if weights and not Path(weights).is_file():
        raise UserError(f"--weights must be a file of weights, there is none at {weights}")
    if not weights and classifier not in WITH_WEIGHTS:
        raise UserError(
            f"{classifier} ships no weights: name torchvision's file for it with --weights FILE, or use"
            f" --classifier {WITH_WEIGHTS[0]}"
        )
    if images not in ("shipped", "photographs") and not Path(images).exists():
        raise UserError(f"--images must be shipped, a folder or a Parquet file, there is none at {images}")
    if labels and not Path(labels).is_file():
        raise UserError(
            f"--labels must be a CSV file with the columns file and label, there is none at {labels}"
        )


def _own(names: list[str], *, scale: str) -> dict[str, DefenseSpec]:
    """Returns the user's own defences among the names; only these need their code to plan an evaluation."""
    mine = [name for name in names if ":" in name]
    if not mine:
        return {}
    from thesis.execution.evaluation.own_defender import own_defense

    num_votes = SCALES.get(scale, SCALES["small"])["num_votes"]
    return {name: own_defense(name, num_votes=num_votes) for name in mine}


def _split(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]
