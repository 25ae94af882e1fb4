"""Training of the paraphrase models (section 7.4.3): plain SGD, its rate halved after every third epoch."""

import math
import time
from collections.abc import Mapping
from functools import partial

import torch
from torch import Tensor, nn

from thesis_workloads.contract.reporter import Reporter, State
from thesis_workloads.metrics.significance import bootstrap
from thesis_workloads.systems.residual_lstm.config import ResidualLSTMConfig
from thesis_workloads.systems.residual_lstm.data import ParaphraseData
from thesis_workloads.systems.residual_lstm.epoch import cross_entropy_per_word, train_epoch
from thesis_workloads.systems.residual_lstm.evaluate import decode_and_score, make_metrics
from thesis_workloads.systems.residual_lstm.model import Paraphraser, build_paraphraser
from thesis_workloads.systems.residual_lstm.validation import validate
from thesis_workloads.text.batching import length_bucketed
from thesis_workloads.training.distributed import rank, training_device, wrap
from thesis_workloads.training.loop import check_finite
from thesis_workloads.training.optimizers import set_learning_rate
from thesis_workloads.training.seeding import generator, seeded
from thesis_workloads.training.state import check_state, load_training_state, save_training_state

STATE_VERSION = 1
_LARGEST_LOSS = 700  # a perplexity of e ** 710 is no number any more
BOOTSTRAP_SEED = 0  # of the resampled test sets: every model meets the same


def train(config: ResidualLSTMConfig, data: ParaphraseData, reporter: Reporter) -> Paraphraser:
    """Trains one network and returns it.

    Reports once per finished epoch: perplexity on the training part as seen (with dropout) and on the
    held-out part. The test part is read once, after the last epoch, and is in that epoch's report; its
    statistics per sentence, which significance tests need, are in that epoch's state.

    Raises:
        ValueError: if the configuration, or the state to resume from, is wrong: before any training.
        FloatingPointError: if a loss stops being finite.
    """
    validate(config)
    device = training_device(config.device)
    network = build(config, num_words=len(data.vocabulary)).to(device)
    first = _resume(network, reporter.resume(), config, data)
    wrapped = wrap(network)
    optimizer = torch.optim.SGD(network.parameters(), lr=config.learning_rate)
    for epoch in range(first, config.epochs):
        metrics = _epoch(config, wrapped, network, optimizer, data, epoch=epoch, device=device)
        statistics: dict[str, Tensor] = {}
        if epoch == config.epochs - 1:
            tested, statistics = _test(config, network, data, device=device)
            metrics |= tested
        save = partial(
            save_training_state,
            network,
            None,  # plain SGD keeps nothing between steps
            version=STATE_VERSION,
            epoch=epoch + 1,
            identity=_identity(config),
            dropout_position=config.dropout_position,
            words=list(data.vocabulary.words),
            statistics=statistics,  # of the test part, after the last epoch
        )
        reporter.report(metrics, state=save)
    return network


def build(config: ResidualLSTMConfig, *, num_words: int) -> Paraphraser:
    """Returns the untrained network of a configuration."""
    return build_paraphraser(
        config.model,
        num_words=num_words,
        width=config.hidden,
        num_layers=config.num_layers,
        residual_step=config.residual_step,
        dropout=config.dropout,
        dropout_position=config.dropout_position,
        init_range=config.init_range,
        seed=config.seed,
    )


def load_model(config: ResidualLSTMConfig, state: State) -> tuple[Paraphraser, tuple[str, ...]]:
    """Returns the trained network of a state, in evaluation mode, and its words: no data are needed.

    Raises:
        ValueError: if the state is of another version or network.
    """
    check_state(state, version=STATE_VERSION, identity=_identity(config))
    network = build(config, num_words=len(state["words"]))
    network.load_state_dict(state["network"])
    return network.eval(), tuple(state["words"])


def learning_rate_at(epoch: int, *, learning_rate: float, halve_every: int) -> float:
    """Returns the rate of an epoch, counted from 0."""
    return float(learning_rate * 0.5 ** (epoch // halve_every))


def _epoch(
    config: ResidualLSTMConfig,
    wrapped: nn.Module,
    network: Paraphraser,
    optimizer: torch.optim.Optimizer,
    data: ParaphraseData,
    *,
    epoch: int,
    device: torch.device,
) -> dict[str, float]:
    started = time.perf_counter()
    rate = learning_rate_at(epoch, learning_rate=config.learning_rate, halve_every=config.halve_every)
    set_learning_rate(optimizer, rate)
    lengths = torch.stack((data.train.sources.lengths, data.train.targets.lengths), 1)
    batches = length_bucketed(
        lengths, batch_size=config.batch_size, generator=generator("order", config.seed, epoch)
    )
    with seeded("epoch", config.seed, epoch, rank(), device=device):
        loss = train_epoch(
            wrapped, optimizer, data.train, batches=batches, clip_norm=config.clip_norm, device=device
        )
    losses = {"train/loss": loss, "val/loss": cross_entropy_per_word(network, data.val, device=device)}
    check_finite(losses, epoch=epoch + 1, learning_rate=rate, largest=_LARGEST_LOSS)
    return _with_perplexity(losses) | {
        "epoch": epoch + 1,
        "learning_rate": rate,
        "time/epoch_s": time.perf_counter() - started,
    }


def _test(
    config: ResidualLSTMConfig, network: Paraphraser, data: ParaphraseData, *, device: torch.device
) -> tuple[dict[str, float], dict[str, Tensor]]:
    """Returns the scores of the test part with every beam, and what they are sums of, (N, K) each.

    A score's variance is that of bootstrap resamples of the sentences (table 7.5).
    """
    started = time.perf_counter()
    metrics = make_metrics(data, word_vectors=config.word_vectors)
    scores: dict[str, float] = {}
    statistics: dict[str, Tensor] = {}
    for beam, suffix in beams_of(config).items():
        decoded = decode_and_score(
            network,
            data,
            metrics,
            beam=beam,
            max_length=config.max_length,
            length_penalty=config.length_penalty,
        )
        scores |= {f"test/{key}{suffix}": score for key, score in decoded.scores(metrics).items()}
        statistics |= {f"{key}{suffix}": torch.from_numpy(table) for key, table in decoded.statistics.items()}
    for key, metric in metrics.items():
        spread = bootstrap(statistics[key].numpy(), metric.score, seed=BOOTSTRAP_SEED)
        scores[f"test/{key}_variance"] = spread.variance
    loss = {"test/loss": cross_entropy_per_word(network, data.test, device=device)}
    return scores | _with_perplexity(loss) | {"time/test_s": time.perf_counter() - started}, statistics


def beams_of(config: ResidualLSTMConfig) -> dict[int, str]:
    """Returns the beams that the test part is decoded with, and what their scores' names end with."""
    second = config.second_beam
    return {config.beam: ""} | ({second: f"_beam_{second}"} if second not in (0, config.beam) else {})


def _with_perplexity(losses: Mapping[str, float]) -> dict[str, float]:
    perplexities = {name.replace("loss", "perplexity"): math.exp(loss) for name, loss in losses.items()}
    return dict(losses) | perplexities


def _identity(config: ResidualLSTMConfig) -> dict[str, str | int]:
    step = config.residual_step if config.model == "residual" else 0
    return {
        "model": config.model,
        "num_layers": config.num_layers,
        "residual_step": step,
        "hidden": config.hidden,
    }


def _resume(
    network: Paraphraser, state: State | None, config: ResidualLSTMConfig, data: ParaphraseData
) -> int:
    """Returns the number of finished epochs after loading the state, if there is one."""
    identity = _identity(config)
    if state is not None:
        check_state(state, version=STATE_VERSION, identity=identity)
        # A state without it is of a time when dropout came before every sum. Only training depends on it.
        position = state.get("dropout_position", "before-sum")
        if config.model == "residual" and position != config.dropout_position:
            raise ValueError(
                f"state must be of dropout_position={config.dropout_position!r}, got {position!r}"
            )
        if tuple(state["words"]) != data.vocabulary.words:
            raise ValueError(
                f"state must be of this vocabulary, got {len(state['words'])} words"
                f" where the data have {len(data.vocabulary)}"
            )
    return load_training_state(network, None, state, version=STATE_VERSION, identity=identity)
