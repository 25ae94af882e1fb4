"""The stacked residual LSTM's functions, as the platform calls them."""

from thesis_workloads.contract.workload import Overhead, Workload
from thesis_workloads.systems.residual_lstm.data import DATA_FIELDS, load
from thesis_workloads.systems.residual_lstm.exported import GreedyParaphrase
from thesis_workloads.systems.residual_lstm.samples import sample_rows
from thesis_workloads.systems.residual_lstm.size import size_of
from thesis_workloads.systems.residual_lstm.train import load_model, train
from thesis_workloads.systems.residual_lstm.validation import validate
from thesis_workloads.text.sentences import padded_rows

WORKLOAD = Workload(
    validate=validate,
    data_fields=DATA_FIELDS,
    shares_data=True,
    preparation="paraphrase-pairs",
    load=load,
    train=train,
    restore=lambda config, data, state: GreedyParaphrase(
        load_model(config, state)[0], max_length=config.max_length
    ),
    tables=lambda config, data, state: {"samples": sample_rows(load_model(config, state)[0], data, config)},
    size=size_of,
    overhead=Overhead(s_per_value=5e-9, s_per_parameter=4e-9, s_per_step=2e-3, s_per_trial=1.0),
    # The longest: the logged graph takes sentences padded to the example's width.
    example=lambda data: padded_rows(data.val.sources, data.val.sources.lengths.topk(4).indices)[0].numpy(),
)
