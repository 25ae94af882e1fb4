"""The second stage of an evaluation: defend the attacked images and ask the classifier again."""

import time
from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from thesis.execution.cluster.worker_setup import set_up_worker
from thesis.execution.evaluation.adversarial_store import ATTACKED, FAILED, AttackedChunk, read_chunk
from thesis.execution.evaluation.attack_stage import ROW_ERRORS, STORED_TOP_K, ClassifierSource, make_defender
from thesis_workloads.classifiers.classifier import Classifier
from thesis_workloads.contract.evaluation import AttackSpec, DefenseSpec
from thesis_workloads.metrics.peak_signal import LARGEST_DB
from thesis_workloads.saliency.cam import robust_activation_map
from thesis_workloads.systems.pixel_deflection.defenders import classify_defended

ROWS = pa.schema(
    {
        "id": pa.string(),
        "attack": pa.string(),
        "defense": pa.string(),
        "seed": pa.int64(),
        "label": pa.int64(),
        "status": pa.string(),
        "error": pa.string(),
        "clean_prediction": pa.int64(),
        "adversarial_prediction": pa.int64(),
        "single": pa.int64(),
        "vote": pa.int64(),
        "num_votes": pa.int64(),
        "num_right": pa.int64(),
        "probability": pa.float64(),
        "undefended_probability": pa.float64(),
        "l2": pa.float64(),
        "linf": pa.float64(),
        "outside": pa.float64(),
        "found_by": pa.string(),
        "adversary_rank": pa.int64(),
        "label_rank": pa.int64(),
        "mse": pa.float64(),  # of the first draw against what the defender was given, 8-bit levels
        "ssim": pa.float64(),
        "psnr": pa.float64(),  # dB
        "attack_s": pa.float64(),  # of its whole chunk
        "defend_s": pa.float64(),
    }
)
_NAN = float("nan")
_NOTHING = {
    "single": -1,
    "vote": -1,
    "num_right": -1,
    "probability": _NAN,
    "mse": _NAN,
    "ssim": _NAN,
    "psnr": _NAN,
}


class DefendStage:
    """An actor that holds the classifier; gives one row per photograph and defence."""

    def __init__(
        self,
        source: ClassifierSource,
        attacks: Mapping[str, AttackSpec],
        defenses: tuple[DefenseSpec, ...],
        seed: int,
        device: str,
    ) -> None:
        set_up_worker()
        self.source, self.attacks, self.defenses = source, attacks, defenses
        self.seed, self.device = seed, device
        self.classifier = source.load().to(device)

    def __call__(self, batch: dict[str, Any]) -> pa.Table:
        """Returns the rows of each chunk under its attack, behind every defence that is to meet it."""
        rows: list[dict[str, Any]] = []
        for attack, file, attack_s in zip(batch["attack"], batch["file"], batch["attack_s"], strict=True):
            spec = self.attacks[str(attack)]
            chunk = read_chunk(str(file))
            # An attacker who knows one defence is judged before that one, with draws of its own.
            defenses = self.defenses if spec.defense is None else (spec.defense,)
            for defense in defenses:
                seed = self.seed + spec.seed
                judged = judged_rows(
                    self.classifier,
                    chunk,
                    defense,
                    size=self.source.input_size,
                    seed=seed,
                    device=self.device,
                )
                rows += [{**row, "attack": spec.label, "attack_s": float(attack_s)} for row in judged]
        return pa.Table.from_pylist(rows, schema=ROWS)


def judged_rows(
    classifier: Classifier, chunk: AttackedChunk, defense: DefenseSpec, *, size: int, seed: int, device: str
) -> list[dict[str, Any]]:
    """Returns one row per photograph of the chunk; an image that the defence fails of says why."""
    began = time.perf_counter()
    places = list(range(len(chunk.ids)))
    found: dict[int, dict[str, Any]] = {}
    if places:
        try:
            found = _judged(classifier, chunk, defense, places, size=size, seed=seed, device=device)
        except ROW_ERRORS:
            for place in places:
                try:
                    found |= _judged(classifier, chunk, defense, [place], size=size, seed=seed, device=device)
                except ROW_ERRORS as error:
                    found[place] = {**_NOTHING, "status": FAILED, "error": f"{type(error).__name__}: {error}"}
    shared = {
        "defense": defense.name,
        "seed": seed,
        "num_votes": defense.num_votes,
        "defend_s": time.perf_counter() - began,
    }
    rows, place = [], 0
    for row in chunk.rows:
        verdict = dict(_NOTHING)
        if row["status"] == ATTACKED:
            verdict, place = found[place], place + 1
        # Files from before these columns lack them.
        known = {
            "outside": _NAN,
            "found_by": "",
            **{key: value for key, value in row.items() if key != "size"},
        }
        rows.append({**known, "undefended_probability": row["probability"], **shared, **verdict})
    return rows


def _judged(
    classifier: Classifier,
    chunk: AttackedChunk,
    defense: DefenseSpec,
    places: list[int],
    *,
    size: int,
    seed: int,
    device: str,
) -> dict[int, dict[str, Any]]:
    if defense.kind == "none":
        return {place: _undefended(chunk.attacked_rows[place]) for place in places}
    defender = make_defender(defense, size=size, device=device)
    images, saliency = chunk.adversarial[places].to(device), chunk.saliency[places].to(device)
    if defender.top_k not in (None, STORED_TOP_K):
        saliency = robust_activation_map(classifier, images, top_k=defender.top_k)
    predictions = classify_defended(
        defender,
        classifier,
        images,
        chunk.labels[places].to(device),
        chunk.ids[places].to(device),
        saliency=saliency,
        num_votes=defense.num_votes,
        seed=seed,
    )
    columns = {
        "single": predictions.single.tolist(),
        "vote": predictions.voted.tolist(),
        "num_right": predictions.num_right.tolist(),
        "probability": predictions.probability.tolist(),
        "mse": predictions.mse.tolist(),
        "ssim": predictions.ssim.tolist(),
        "psnr": predictions.psnr.tolist(),
    }
    return {place: {key: each[at] for key, each in columns.items()} for at, place in enumerate(places)}


def _undefended(row: dict[str, Any]) -> dict[str, Any]:
    prediction = row["adversarial_prediction"]
    is_right = int(prediction == row["label"])
    return {
        "single": prediction,
        "vote": prediction,
        "num_right": is_right,
        "probability": row["probability"],
        "mse": 0.0,
        "ssim": 1.0,
        "psnr": LARGEST_DB,
    }
