"""Table 7.1, the samples of table 7.3 and figures 7.4 and 7.5 as declared measurements: data only.

- Sizes and lengths are those of the sets as the declared runs of table 7.4 read them. A set that is not the
  text's own has a row under its own name.
- Figure 7.5 trains the four models with four layers; the same runs give variance over seeds and p-values.
"""

from typing import Any

from thesis_workloads.contract.tables import Curves, DeclaredMeasurement, MeasureCost, Overrides
from thesis_workloads.systems.residual_lstm import tables as residual_lstm_tables

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
}
