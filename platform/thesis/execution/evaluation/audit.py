"""Per-image rows of an evaluation as the audit's checklist, defence by defence."""

from collections.abc import Mapping, Sequence
from typing import Any

from thesis.execution.evaluation.adversarial_store import ATTACKED
from thesis_workloads.attacks.audit import Evidence, audit
from thesis_workloads.attacks.probe_names import BINARISATION, KNOWN_DRAW, NO_GRADIENT
from thesis_workloads.contract.adaptive_attacks import PROBE
from thesis_workloads.contract.evaluation import NO_DEFENSE, AttackSpec, DefenseSpec
from thesis_workloads.contract.evaluation_plan import EvaluationPlan
from thesis_workloads.metrics.robustness import Share

Row = Mapping[str, Any]


def audit_rows(plan: EvaluationPlan, rows: Sequence[Row]) -> list[dict[str, str]]:
    """Returns a row per defence and check: its verdict and numbers; none if nothing was audited."""
    if plan.audit is None:
        return []
    groups: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        if row["status"] == ATTACKED:
            groups.setdefault((row["attack"], row["defense"]), []).append(row)
    return [
        {"defense": defense.name, "check": check.name, "verdict": check.verdict, "numbers": check.numbers}
        for defense in plan.defenses
        if defense.name != NO_DEFENSE
        for check in audit(_evidence(plan, defense, groups))
    ]


def probe_rows(plan: EvaluationPlan, rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Returns a row per defence and probe: the share of images that are still right, with Wilson's interval.

    The vote decides, but of the probe that knows a draw it is that draw.
    """
    by_label: dict[str, list[Row]] = {}
    for row in rows:
        if row["status"] == ATTACKED:
            by_label.setdefault(row["attack"], []).append(row)
    found = []
    for attack in plan.audit_attacks():
        assert attack.defense is not None
        probe = attack.name.removeprefix(PROBE)
        fates = _fates(by_label.get(attack.label, []), "single" if probe == KNOWN_DRAW else "vote")
        if attack.name == BINARISATION or not fates:
            continue
        share = Share(hits=sum(fates.values()), total=len(fates))
        low, high = share.interval()
        found.append(
            {
                "defense": attack.defense.name,
                "probe": probe,
                "epsilon": attack.parameters["epsilon"],
                "num_steps": attack.parameters["num_steps"],
                "num_draws": attack.num_draws,
                "num_images": share.total,
                "accuracy": share.value,
                "accuracy_low": low,
                "accuracy_high": high,
            }
        )
    return found


def failed_checks(audited: Sequence[Mapping[str, str]]) -> dict[str, list[str]]:
    """Returns the names of the failed checks of every defence that has any."""
    failed: dict[str, list[str]] = {}
    for row in audited:
        if row["verdict"] == "fail":
            failed.setdefault(row["defense"], []).append(row["check"])
    return failed


def marked(
    summary: Sequence[Mapping[str, Any]], audited: Sequence[Mapping[str, str]]
) -> list[dict[str, Any]]:
    """Returns the summary with the number of failed checks of every audited defence."""
    failed = {row["defense"]: 0 for row in audited}
    for defense, names in failed_checks(audited).items():
        failed[defense] = len(names)
    return [
        {**row, **({"num_failed_checks": failed[row["defense"]]} if row["defense"] in failed else {})}
        for row in summary
    ]


def _evidence(
    plan: EvaluationPlan, defense: DefenseSpec, groups: Mapping[tuple[str, str], Sequence[Row]]
) -> Evidence:
    def rows_of(attack: AttackSpec) -> Sequence[Row]:
        assert attack.defense is not None
        return groups.get((attack.label, attack.defense.name), [])

    batteries = [attack for attack in plan.adaptive_attacks() if attack.seed == plan.seed]
    own = [attack for attack in batteries if attack.defense == defense]
    undefended = [each for each in batteries if each.defense and each.defense.name == NO_DEFENSE]
    probes = {attack.name: rows_of(attack) for attack in plan.audit_attacks() if attack.defense == defense}
    attacks = [*own, *(attack for attack in plan.audit_attacks() if attack.defense == defense)]
    plain = probes.get(f"{PROBE}plain", [])
    excess = [_excess(attack, row) for attack in attacks for row in rows_of(attack)]
    return Evidence(
        undefended={each.parameters["epsilon"]: _fates(rows_of(each)) for each in undefended},
        defended={each.parameters["epsilon"]: _fates(rows_of(each)) for each in own},
        probes={
            name.removeprefix(PROBE): _fates(found)
            for name, found in probes.items()
            if name.startswith(PROBE)
        },
        plain_single=_fates(plain, "single"),
        known_single=_fates(probes.get(f"{PROBE}{KNOWN_DRAW}", []), "single"),
        binarisation={row["id"]: row["found_by"] for row in probes.get(BINARISATION, [])},
        excess=max(excess, default=0.0),
        is_random=defense.num_votes > 1,
        has_gradient=any(row["found_by"] != NO_GRADIENT for row in plain),
    )


def _fates(rows: Sequence[Row], key: str = "vote") -> dict[str, bool]:
    return {row["id"]: row[key] == row["label"] for row in rows}


def _excess(attack: AttackSpec, row: Row) -> float:
    return float(max(row["linf"] - attack.parameters["epsilon"], row["outside"], 0.0))
