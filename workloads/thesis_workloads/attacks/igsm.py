"""Iterative gradient sign method: Kurakin, Goodfellow and Bengio, 2017; equation 4.2 of the dissertation.

Deviation: none from chapter 4: the gradient is taken at the current image and a sample stops at its first
adversarial image. Section 3.2.3 prints the gradient at the clean image, which would be one step cut in
pieces. The dissertation gives neither the number of steps nor alpha; the defaults are ten steps of a fifth of
epsilon.
"""

from torch import Tensor

from thesis_workloads.attacks.model import Attackable
from thesis_workloads.attacks.pgd import pgd


def igsm(
    model: Attackable,
    inputs: Tensor,
    labels: Tensor,
    *,
    targets: Tensor | None = None,
    epsilon: float | Tensor = 0.03,
    relative_step: float = 0.2,
    num_steps: int = 10,
    early_stop: bool = True,
) -> Tensor:
    """Repeats small sign steps from the image, clipped to the epsilon neighbourhood.

    Args:
        targets: Classes (B,) to reach; None leaves the label.
        epsilon: Largest change of a value, in input units; a number or one per sample.
        relative_step: Alpha of equation 4.2 as a fraction of epsilon.
        early_stop: Stop a sample at its first adversarial image; without it, the whole budget is spent.

    Returns:
        Images (B, C, H, W) in the model's bounds.

    Raises:
        ValueError: if the batch does not fit the model, or if an argument is out of range.
    """
    return pgd(
        model,
        inputs,
        labels,
        targets=targets,
        norm="linf",
        epsilon=epsilon,
        step_size=relative_step * epsilon,
        num_steps=num_steps,
        early_stop=early_stop,
    )
