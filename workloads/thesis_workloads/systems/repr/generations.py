"""Which networks a run trains one after the other, and how its budget of epochs is shared among them.

- One network, or with Born-Again Networks (Furlanello et al. 2018) N of the same kind, each taught by
  the one before; the last is the result.
- With a teacher that is named (knowledge distillation, Hinton et al. 2015) first the teacher, then the student.

The budget: every epoch of whatever network counts, the teacher's and all generations' included; what a
teacher costs while it teaches is seen in the seconds only. Text and table 5.4 count otherwise: N full trainings
for Born-Again Networks, and a teacher that is already there. Multiply `epochs` by N, or add the
teacher's epochs to it, or give the teacher as a file, for that.

A generation counts its own epochs from zero: schedule of phases, learning rate and order of images of a
student are those that it would have without a teacher.
"""

from dataclasses import dataclass

from thesis_workloads.systems.repr.config import RePrConfig
from thesis_workloads.training.seeding import derived_seed


@dataclass(frozen=True, kw_only=True)
class Generation:
    """One network of a run."""

    index: int  # from 0
    model: str
    scheme: str  # repr | standard | dsd
    first: int  # epoch of the run, from 0
    epochs: int
    seed: int  # of its first weights
    is_taught: bool  # by the generation before
    is_teacher: bool = False  # a network that is not the run's result and of another kind


def generations(config: RePrConfig) -> tuple[Generation, ...]:
    """Returns the generations in order; their epochs add up to the run's."""
    if config.scheme == "ban":
        return _born_again_generations(config)
    taught_for = config.teacher_epochs
    student = Generation(
        index=1 if taught_for else 0,
        model=config.model,
        scheme=config.scheme,
        first=taught_for,
        epochs=config.epochs - taught_for,
        seed=config.seed,
        is_taught=config.teacher != "none",
    )
    if not taught_for:
        return (student,)
    teacher = Generation(
        index=0,
        model=config.teacher,
        scheme="standard",
        first=0,
        epochs=taught_for,
        seed=derived_seed("teacher", config.seed),
        is_taught=False,
        is_teacher=True,
    )
    return (teacher, student)


def _born_again_generations(config: RePrConfig) -> tuple[Generation, ...]:
    """Returns N equal shares of the budget, the rest with the last generation."""
    share = config.epochs // config.n
    lengths = [share] * (config.n - 1) + [config.epochs - share * (config.n - 1)]
    return tuple(
        Generation(
            index=index,
            model=config.model,
            scheme="standard",
            first=share * index,
            epochs=length,
            seed=config.seed if index == 0 else derived_seed("generation", config.seed, index),
            is_taught=index > 0,
        )
        for index, length in enumerate(lengths)
    )


def generation_at(plan: tuple[Generation, ...], epoch: int) -> Generation:
    """Returns the generation that trains in this epoch of the run, counted from 0."""
    return [each for each in plan if each.first <= max(epoch, 0)][-1]
