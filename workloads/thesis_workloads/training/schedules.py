"""Learning rate as a function of the training progress, so that a resumed run needs no hidden state.

Schedules of figure 5.7. Choices where the figure is silent:
- "steps" falls to a tenth after half and to a hundredth after three quarters of the epochs;
  that follow ``start``: the epoch at which the last filters come back, 0 in standard training. Counted from the
  first epoch whatever the rounds, filters that return at epoch 90 of 100 would learn at a hundredth of the rate;
- "halving" is the published code's: half the rate after every so many optimizer steps;
- "cyclic" is the triangle of Smith (2017), as wide and as high for any run as in the figure: a period
  of 50 epochs and an amplitude of five times the starting rate (0.001 + 0.005 there).
"""

from collections.abc import Callable

CYCLE_EPOCHS = 50.0
CYCLE_AMPLITUDE = 5.0


def constant(progress: float, *, learning_rate: float, **_: float) -> float:
    """Returns the rate itself."""
    return learning_rate


def steps(progress: float, *, learning_rate: float, epochs: int, start: float = 0.0, **_: float) -> float:
    """Returns the rate, a tenth of it after 1/2 and a hundredth after 3/4 of the epochs that follow ``start``."""
    share = (progress - start) / (epochs - start)
    if share < 1 / 2:
        return learning_rate
    return learning_rate / 10 if share < 3 / 4 else learning_rate / 100


def halving(progress: float, *, learning_rate: float, halving_epochs: float, **_: float) -> float:
    """Returns the rate, halved after every ``halving_epochs``."""
    return learning_rate * 0.5 ** int(progress / halving_epochs)


def cyclic(progress: float, *, learning_rate: float, **_: float) -> float:
    """Returns a triangle wave that starts at the rate and rises to six times it."""
    phase = (progress % CYCLE_EPOCHS) / CYCLE_EPOCHS
    height = 1 - abs(2 * phase - 1)
    return learning_rate * (1 + CYCLE_AMPLITUDE * height)


SCHEDULES: dict[str, Callable[..., float]] = {
    "constant": constant,
    "steps": steps,
    "cyclic": cyclic,
    "halving": halving,
}


def learning_rate_at(
    name: str,
    progress: float,
    *,
    learning_rate: float,
    epochs: int,
    start: float = 0.0,
    halving_epochs: float = float("inf"),
) -> float:
    """Returns the learning rate after ``progress`` epochs (fractional within an epoch).

    ``start`` is read by "steps", ``halving_epochs`` by "halving".

    Raises:
        ValueError: if no schedule has this name.
    """
    if name not in SCHEDULES:
        raise ValueError(f"schedule must be one of {', '.join(SCHEDULES)}, got schedule={name!r}")
    return SCHEDULES[name](
        progress, learning_rate=learning_rate, epochs=epochs, start=start, halving_epochs=halving_epochs
    )
