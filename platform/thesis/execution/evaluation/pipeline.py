"""The chain of an evaluation on Ray Data, in one session: read, keep, attack, store, defend, classify.

A row of the pipeline is a chunk of photographs under one attack, so what is computed together is fixed by
the plan. How many chunks an actor is handed at once, how many actors there are and which of them takes what
change no number.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from thesis.execution.cluster.connection import cluster_resources
from thesis.execution.cluster.ray_data import quiet_data_context
from thesis.execution.evaluation.attack_stage import AttackStage, ClassifierSource
from thesis.execution.evaluation.defense_stage import ROWS, DefendStage
from thesis.execution.evaluation.images import Chunk, ImageSet, chunks_of
from thesis.execution.storage.filesystems import StorageLocation
from thesis_workloads.contract.evaluation import AttackSpec
from thesis_workloads.contract.evaluation_plan import EvaluationPlan

# The two stages alternate on a core: while one actor attacks, another defends what is done.
_CPUS_PER_ACTOR = 0.5


@dataclass(frozen=True, kw_only=True)
class Throughput:
    """How a pipeline runs; no option changes its numbers."""

    concurrency: int | None = None  # actors per stage; None takes one per CPU
    batch_size: int = 4  # images that an actor is handed at a time, rounded up to whole chunks
    gpus_per_worker: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Pass:
    """An attack on every chunk, and how many rows come of it."""

    attack: AttackSpec
    num_defenses: int


def passes_of(plan: EvaluationPlan) -> list[Pass]:
    """Returns every attack of a plan once, those that know a defence first: they take longest."""
    knowing = [*plan.adaptive_attacks(), *plan.audit_attacks()]
    adaptive = {attack.label: Pass(attack=attack, num_defenses=1) for attack in knowing}
    plain = {attack.label: Pass(attack=attack, num_defenses=len(plan.defenses)) for attack in plan.attacks}
    return [*adaptive.values(), *plain.values()]


def num_rows(plan: EvaluationPlan, num_images: int) -> int:
    """Returns the number of per-image rows of an evaluation."""
    return num_images * sum(each.num_defenses for each in passes_of(plan))


def run_pipeline(
    plan: EvaluationPlan,
    images: ImageSet,
    source: ClassifierSource,
    *,
    store: StorageLocation,
    throughput: Throughput,
    on_rows: Callable[[int], None],
) -> pa.Table:
    """Returns a row per image, attack and defence, in that order whatever order they were made in.

    Needs a connected Ray; an actor that dies is started again and its chunks are made again.

    Args:
        store: of the adversarial sets, a folder or an object store that every actor can reach.
        on_rows: called with the number of further rows that are done.

    Raises:
        RuntimeError: if there are more or fewer rows than were asked for.
    """
    chunks = chunks_of(images, size=plan.chunk_size)
    attacks = {each.attack.label: each.attack for each in passes_of(plan)}
    tables = [ROWS.empty_table()]
    for table in _executed(plan, attacks, chunks, source, store=store, throughput=throughput):
        tables.append(table.select(ROWS.names).cast(ROWS))
        on_rows(table.num_rows)
    rows = pa.concat_tables(tables)
    expected = num_rows(plan, len(images.photographs))
    if rows.num_rows != expected:
        raise RuntimeError(
            f"the pipeline gave {rows.num_rows} rows for {expected}: this is a fault, report it"
        )
    return rows.sort_by([("attack", "ascending"), ("defense", "ascending"), ("id", "ascending")])


def make_sets(
    attacks: Sequence[AttackSpec],
    chunks: Sequence[Chunk],
    source: ClassifierSource,
    *,
    store: StorageLocation,
    throughput: Throughput,
) -> list[str]:
    """Returns the files of every attack on every chunk, made where they are missing; needs a connected Ray."""
    rows = [chunk.to_row(attack.label) for attack in attacks for chunk in chunks]
    by_label = {attack.label: attack for attack in attacks}
    made = _attacked(rows, by_label, source, store=store, throughput=throughput, per_batch=1)
    return sorted(str(row["file"]) for row in made.take_all())


def _executed(
    plan: EvaluationPlan,
    attacks: dict[str, AttackSpec],
    chunks: Sequence[Chunk],
    source: ClassifierSource,
    *,
    store: StorageLocation,
    throughput: Throughput,
) -> Iterator[pa.Table]:
    per_batch = max(1, math.ceil(throughput.batch_size / plan.chunk_size))
    rows = [chunk.to_row(label) for label in attacks for chunk in chunks]
    attacked = _attacked(rows, attacks, source, store=store, throughput=throughput, per_batch=per_batch)
    judged = attacked.map_batches(
        DefendStage,
        fn_constructor_kwargs={
            "source": source,
            "attacks": attacks,
            "defenses": plan.defenses,
            "seed": plan.seed,
            "device": _device(throughput),
        },
        batch_size=None,
        **_actors(throughput, len(rows)),
    )
    yield from judged.iter_batches(batch_size=None, batch_format="pyarrow")


def _attacked(
    rows: list[dict[str, Any]],
    attacks: dict[str, AttackSpec],
    source: ClassifierSource,
    *,
    store: StorageLocation,
    throughput: Throughput,
    per_batch: int,
) -> Any:
    import ray.data

    quiet_data_context()
    blocks = ray.data.from_items(rows, override_num_blocks=math.ceil(len(rows) / per_batch))
    return blocks.map_batches(
        AttackStage,
        fn_constructor_kwargs={
            "source": source,
            "attacks": attacks,
            "store": str(store),
            "device": _device(throughput),
        },
        batch_size=None,
        **_actors(throughput, len(rows)),
    )


def _actors(throughput: Throughput, num_rows: int) -> dict[str, Any]:
    from ray.data import ActorPoolStrategy

    at_most = throughput.concurrency or max(1, int(cluster_resources().get("CPU", 1)))
    arguments: dict[str, Any] = {
        "compute": ActorPoolStrategy(size=max(1, min(at_most, num_rows))),
        "num_cpus": _CPUS_PER_ACTOR,
        "batch_format": "numpy",
    }
    if throughput.gpus_per_worker > 0:
        arguments["num_gpus"] = throughput.gpus_per_worker
    return arguments


def _device(throughput: Throughput) -> str:
    return "cuda" if throughput.gpus_per_worker > 0 else "cpu"
