"""Writes the tables and figures of an evaluation."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from thesis.reporting.evaluation.adaptive_table import adaptive_markdown, is_curve
from thesis.reporting.evaluation.audit_table import audit_markdown
from thesis.reporting.evaluation.example_images import write_example_images
from thesis.reporting.evaluation.figures import write_figures
from thesis.reporting.evaluation.tables import (
    evaluation_markdown,
    verdict_lines,
)
from thesis_workloads.contract.evaluation import DefenseSpec


def write_evaluation(
    folder: Path,
    *,
    summary: list[dict[str, Any]],
    curves: list[dict[str, Any]],
    rows: list[dict[str, Any]],
    images: Mapping[str, Any],
    audit: list[dict[str, Any]],
    probes: list[dict[str, Any]],
    defenses: Sequence[DefenseSpec],
) -> None:
    """Writes the tables and figures of an evaluation into a folder.

    Args:
        folder: an existing folder for them.
        summary: a row per attack and defense.
        curves: a row per defense and strength of an adaptive attack.
        rows: a row per image, attack and defense.
        audit: a row per check of the adaptive attacks; empty where there was no audit.
        probes: a row per attack of the audit.
        images: example images by name, as the evaluation kept them.
        defenses: the evaluated defenses.
    """
    text = [
        evaluation_markdown(summary),
        *(f"{line}\n" for line in verdict_lines(summary)),
    ]
    (folder / "summary.md").write_text("\n".join(text), encoding="utf-8")
    if is_curve(curves):
        markdown = adaptive_markdown(curves, summary)
        (folder / "adaptive.md").write_text(markdown, encoding="utf-8")
    if audit:
        (folder / "audit.md").write_text(audit_markdown(audit), encoding="utf-8")
    write_figures(folder, summary, curves, rows, probes)
    write_example_images(folder, images, summary, defenses)
