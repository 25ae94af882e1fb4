"""Table 7.1, the samples of table 7.3 and figures 7.4, 7.5, 8.1 and 8.3 as declared measurements: data only.

- Sizes and lengths are those of the sets as the declared runs of table 7.4 read them. A set that is not the
  text's own has a row under its own name.
- Figure 7.5 trains the four models with four layers; the same runs give variance over seeds and p-values.
- Figure 8.3 shows four hops; the same runs give the numbers that the claims of chapter 8 need beside table 8.3.
"""

from collections.abc import Mapping
from typing import Any

from thesis.experiments import condensed_memory_tables, residual_lstm_tables
from thesis.experiments.declared import Curves, DeclaredMeasurement, MeasureCost, Overrides

_SCALES = ("smoke", "small", "paper")
_ONCE = dict.fromkeys(_SCALES, 1)
_SEEDS = {"smoke": 1, "small": 3, "paper": 3}


def _paraphrases(**more: Any) -> dict[str, Overrides]:
    return {
        scale: {
            "config": residual_lstm_tables.SETTINGS[scale],
            "data": residual_lstm_tables.DATA[scale],
            **more,
        }
        for scale in _SCALES
    }


def _notes(**more: Mapping[str, Any]) -> dict[str, Overrides]:
    return {
        scale: {
            "config": {
                **condensed_memory_tables.SETTINGS[scale],
                "data": condensed_memory_tables.DATA[scale]["mimic-iii"],
                "num_labels": 10 if scale == "smoke" else 50,
                "hops": 4,
            },
            **{key: value[scale] for key, value in more.items()},
        }
        for scale in _SCALES
    }


_READING = {
    scale: MeasureCost(core_hours=hours) for scale, hours in zip(_SCALES, (0.002, 0.002, 1.0), strict=True)
}

DECLARED: dict[str, DeclaredMeasurement] = {
    "table-7.1": DeclaredMeasurement(
        title="Sizes of the sets of paraphrases",
        table="table-7.1",
        system="residual-lstm",
        settings=_paraphrases(),
        num_seeds=_ONCE,
        cost=_READING,
    ),
    "table-7.3": DeclaredMeasurement(
        title="Samples of generated paraphrases",
        table="table-7.3",
        system="residual-lstm",
        settings=_paraphrases(num_samples=20, num_correlated=200),
        num_seeds=_ONCE,
        cost={
            "smoke": MeasureCost(core_hours=0.003),
            "small": MeasureCost(core_hours=0.02),
            "paper": MeasureCost(core_hours=4.0, gpu_hours=90.0),
        },
        notes=("the samples are in samples.md and samples.json of the run",),
    ),
    "figure-7.4": DeclaredMeasurement(
        title="Words of a sentence, by set",
        table="figure-7.4",
        system="residual-lstm",
        settings=_paraphrases(),
        num_seeds=_ONCE,
        cost=_READING,
        curves=(
            Curves(
                x="words",
                x_label="words of a sentence",
                y="share",
                y_label="share of sentences",
                line="dataset",
            ),
        ),
    ),
    "figure-7.5": DeclaredMeasurement(
        title="Perplexity in training and on held-out pairs, by epoch",
        table="figure-7.5",
        system="residual-lstm",
        settings=_paraphrases(),
        num_seeds=_SEEDS,
        cost={
            "smoke": MeasureCost(core_hours=0.01),
            "small": MeasureCost(core_hours=0.15),
            "paper": MeasureCost(core_hours=12.0, gpu_hours=1000.0),
        },
        curves=(Curves(x="epoch", x_label="epoch", y="perplexity", y_label="perplexity", line="line"),),
    ),
    "figure-8.1": DeclaredMeasurement(
        title="Diagnoses of a note",
        table="figure-8.1",
        system="condensed-memory",
        settings=_notes(
            num_labels={"smoke": 30, "small": 110, "paper": 100},
            tops={"smoke": (10,), "small": (50, 100), "paper": (50, 100)},
        ),
        num_seeds=_ONCE,
        cost=_READING,
        notes=("diagnoses that are no label of the set are not counted",),
        curves=(
            Curves(
                x="diagnoses",
                x_label="diagnoses of a note",
                y="share",
                y_label="share of notes",
                line="dataset",
            ),
        ),
    ),
    "figure-8.3": DeclaredMeasurement(
        title="Precision at five on held-out notes, by epoch, four hops",
        table="figure-8.3",
        system="condensed-memory",
        settings=_notes(),
        num_seeds=_SEEDS,
        cost={
            "smoke": MeasureCost(core_hours=0.005),
            "small": MeasureCost(core_hours=0.06),
            "paper": MeasureCost(core_hours=2.0, gpu_hours=20.0),
        },
        curves=(
            Curves(x="epoch", x_label="epoch", y="precision", y_label="precision at five", line="model"),
        ),
    ),
}
