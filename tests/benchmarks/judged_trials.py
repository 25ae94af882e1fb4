"""The verdicts on a table from trials that a benchmark ran itself: what ``thesis reproduce`` would say of them.

The measured tables are written below a folder, as ``thesis reproduce`` writes them, so ``thesis report`` reads them.
"""

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from thesis.paper.reference import read_reference
from thesis.paper.verdicts import judge_all
from thesis.reporting.tables.measured_tables import measured_tables
from thesis.reporting.tables.run_findings import run_findings
from thesis.results.findings import DataUsed
from thesis.results.measured_tables import collect
from thesis.results.table_files import write_measured
from thesis.tracking.records import TrialRecord
from thesis_workloads.contract.digest import digest
from thesis_workloads.contract.tables import DeclaredRuns


def verdict_lines(
    declared: DeclaredRuns,
    rows: Mapping[Any, list[dict[str, float]]],
    *,
    scale: str,
    num_seeds: int,
    data: DataUsed,
    output_dir: Path,
) -> list[str]:
    """Returns a Markdown table of the verdicts on the claims that rest on a table.

    Args:
        rows: each finished trial's metrics by epoch, by its configuration as declared.
    """
    records = [
        TrialRecord(
            trial_id=digest(dataclasses.asdict(config), 16),
            config=dataclasses.asdict(config),
            is_baseline=False,
            status="finished",
            history=history,
        )
        for config, history in rows.items()
    ]
    findings = run_findings(
        declared,
        scale=scale,
        num_seeds=num_seeds,
        seed=0,
        records=records,
        data={record.trial_id: data for record in records},
    )
    made = measured_tables(
        findings,
        table=declared.table,
        scale=scale,
        system=declared.paper_system or declared.system,
        provenance={},
        output_dir=output_dir,
    )
    for table in made:
        write_measured(table, output_dir)
    verdicts = [each for each in judge_all(read_reference(), collect(made)) if each.verdict != "not run"]
    lines = ["| verdict | claim | why |", "|---|---|---|"]
    lines += [f"| {each.verdict} | `{each.claim.id}` | {each.why} |" for each in verdicts]
    return lines
