"""JPEG as a defence, plain and guided by a map: the entries of chapter 3 by name.

``jpeg-best-q`` is plain JPEG at `BEST_QUALITY`, which is set here and not chosen by a measurement: read it next to
``thesis evaluate --table figure-3.2a``, accuracy against quality. The guided ones make files of the same size.
"""

from thesis_workloads.contract.evaluation import DefenseSpec

JPEG_QUALITIES = (5, 10, 20, 30, 40, 50, 60, 75, 90)  # of figure 3.2a; the dissertation's axis has no numbers
BEST_QUALITY = 30
_GUIDED = {"quality": BEST_QUALITY}

JPEG_DEFENSES: tuple[DefenseSpec, ...] = (
    *(
        DefenseSpec(
            name=f"jpeg-q{quality}",
            kind="regions",
            settings={"map": "none", "quality": quality},
            num_votes=1,
        )
        for quality in JPEG_QUALITIES
    ),
    DefenseSpec(
        name="jpeg-best-q",
        kind="regions",
        settings={"map": "none", "quality": BEST_QUALITY},
        num_votes=1,
    ),
    DefenseSpec(name="ms-roi-jpeg", kind="regions", settings={"map": "plain", **_GUIDED}, num_votes=1),
    # Draws of the perturbations: the vote is beyond the dissertation, and makes its attacker average over draws (EOT).
    DefenseSpec(
        name="aug-ms-roi-jpeg", kind="regions", settings={"map": "augmented", **_GUIDED}, num_votes=3
    ),
)
