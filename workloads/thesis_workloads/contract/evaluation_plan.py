"""An evaluation of attacks and defenses, completely resolved before anything starts. Standard library only."""

import dataclasses
from dataclasses import dataclass

from thesis_workloads.contract.adaptive_attacks import NUM_INNER, audit_attacks, battery_attacks
from thesis_workloads.contract.digest import digest
from thesis_workloads.contract.evaluation import NO_DEFENSE, AdaptiveSpec, AttackSpec, DefenseSpec


@dataclass(frozen=True, kw_only=True)
class EvaluationPlan:
    """Attacks x defences before one classifier on one set of images."""

    scale: str
    classifier: str
    weights: str  # path of the classifier's weights; empty takes the shipped ones
    images: str  # shipped, a folder, or a Parquet file
    labels: str  # CSV of a flat folder; empty where the layout says it
    part: str  # all | val | test
    max_images: int  # 0 takes all
    chunk_size: int  # images computed together; part of an adversarial set's identity
    attacks: tuple[AttackSpec, ...]
    defenses: tuple[DefenseSpec, ...]
    adaptive: tuple[AdaptiveSpec, ...]  # the first makes the adaptive column, the others the curves
    adaptive_seeds: int
    seed: int
    table: str = ""  # declared evaluation that it belongs to
    audit: AdaptiveSpec | None = None  # where the attacker who knows a defence is audited; None: nowhere

    @property
    def system(self) -> str:
        """The system in the catalog, and so MLflow's experiment: that of chapter 3 where JPEG by regions defends."""
        return "aug-ms-roi" if any(each.kind == "regions" for each in self.defenses) else "pixel-deflection"

    @property
    def digest(self) -> str:
        """What tells this evaluation from any other."""
        return digest(dataclasses.asdict(self))

    def adaptive_attacks(self) -> list[AttackSpec]:
        """Returns the battery per strength, defence and seed, the smallest epsilon first."""

        chains = [
            battery_attacks(defense, self.adaptive, seed=self.seed + number)
            for defense in self.defenses
            for number in range(self.adaptive_seeds)
        ]
        return [chain[strength] for strength in (chains[0] if chains else ()) for chain in chains]

    def audit_attacks(self) -> list[AttackSpec]:
        """Returns the probes and the test that audit the attacker, for every defence."""

        if self.audit is None:
            return []
        num_inner = NUM_INNER[self.scale]
        return [
            spec
            for defense in self.defenses
            if defense.name != NO_DEFENSE
            for spec in audit_attacks(defense, self.audit, seed=self.seed, num_inner=num_inner)
        ]
