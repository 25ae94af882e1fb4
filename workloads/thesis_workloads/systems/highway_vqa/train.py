"""Training of one network that answers questions: Adam on the cross entropy of the commonest answer."""

import time
from functools import partial
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from thesis_workloads.contract.reporter import Reporter
from thesis_workloads.systems.highway_vqa.config import HighwayVQAConfig
from thesis_workloads.systems.highway_vqa.data import MARKS, QuestionPart, VisualQuestionData
from thesis_workloads.systems.highway_vqa.evaluate import answer, by_question_type, scores, trivial_scores
from thesis_workloads.systems.highway_vqa.image_needed import image_needed_accuracy, needs_image
from thesis_workloads.systems.highway_vqa.model import Sizes, VQANetwork, layers_needed
from thesis_workloads.systems.highway_vqa.state import STATE_VERSION, build, contents_of, identity_of
from thesis_workloads.systems.highway_vqa.validation import validate
from thesis_workloads.systems.highway_vqa.words import controlled
from thesis_workloads.training.batches import epoch_order
from thesis_workloads.training.distributed import all_sum, rank, training_device, wrap
from thesis_workloads.training.loop import backward_mean, check_finite, local_share, named
from thesis_workloads.training.optimizers import build_optimizer
from thesis_workloads.training.seeding import seeded
from thesis_workloads.training.state import load_training_state, save_training_state

# Of the mean deviation of all features: one that hardly varies in training may do so in an unseen image.
_SMALLEST_DEVIATION = 0.1


def train(config: HighwayVQAConfig, data: VisualQuestionData, reporter: Reporter) -> VQANetwork:
    """Trains one network and returns it on the CPU.

    Reports once per finished epoch. The test part is read once, after the last epoch, and is in that
    epoch's report, together with what trivial answers reach on it.

    Raises:
        ValueError: if the configuration is wrong, or the state to resume from is of another run.
        FloatingPointError: if a loss stops being finite.
    """
    validate(config)
    device = training_device(config.device)
    sizes = sizes_of(config, data)
    network = _started(build(config, sizes), data).to(device)
    wrapped = wrap(network)
    optimizer = build_optimizer(
        "adam", network, learning_rate=config.learning_rate, momentum=0.0, weight_decay=config.weight_decay
    )
    shared: dict[str, Any] = {"version": STATE_VERSION, "identity": identity_of(config, data)}
    first = load_training_state(network, optimizer, reporter.resume(), **shared)
    shared |= contents_of(data, sizes)
    parts = {name: _part(config, data, name, device) for name in ("train", "val") if first < config.epochs}
    for epoch in range(first, config.epochs):
        if config.words == "random":
            parts["train"] = _part(config, data, "train", device, epoch=epoch)
        metrics = _epoch(config, wrapped, optimizer, parts["train"], data.features, epoch=epoch)
        answers = answer(network, parts["val"], data.features, device=device)
        metrics |= named("val", scores(answers, parts["val"]))
        check_finite(metrics, epoch=epoch + 1, learning_rate=config.learning_rate)
        if epoch == config.epochs - 1:
            metrics |= _test(config, network, data, device=device)
        save = partial(save_training_state, network, optimizer, epoch=epoch + 1, **shared)
        reporter.report(metrics, state=save)
    return network.cpu()


def sizes_of(config: HighwayVQAConfig, data: VisualQuestionData) -> Sizes:
    """Returns the parts of the network's shape that come from the data."""
    longest = int((data.train.words > 0).sum(1).max())
    is_mirrored = config.question == "forward+reversed"
    depth = config.depth or layers_needed(
        longest, words_per_layer=config.words_per_layer, is_mirrored=is_mirrored
    )
    return Sizes(
        num_words=len(data.vocabulary),
        num_answers=len(data.answers),
        feature_dim=data.features.shape[1],
        word_dim=config.word_dim if data.vectors is None else data.vectors.shape[1],
        depth=depth,
    )


def _started(network: VQANetwork, data: VisualQuestionData) -> VQANetwork:
    """Gives a new network the training images' mean and deviation, and the word vectors of a file."""
    seen = data.features[data.train.rows.unique()]
    network.mean.copy_(seen.mean(0))
    deviation = seen.std(0, correction=0)
    network.deviation.copy_(deviation.clamp(min=max(_SMALLEST_DEVIATION * float(deviation.mean()), 1e-6)))
    if data.vectors is not None:
        has_vector = data.vectors.any(1)
        with torch.no_grad():
            network.words.weight[has_vector] = data.vectors[has_vector]
    return network


def _part(
    config: HighwayVQAConfig, data: VisualQuestionData, name: str, device: torch.device, *, epoch: int = 0
) -> QuestionPart:
    part: QuestionPart = getattr(data, name)
    words = controlled(
        part.words,
        num_words=len(data.vocabulary),
        num_marks=len(MARKS),
        replaced=config.words,
        order=config.word_order,
        part=name,
        seed=config.seed,
        epoch=epoch,
    )
    return QuestionPart(**{**vars(part), "words": words}).to(device)


def _epoch(
    config: HighwayVQAConfig,
    network: nn.Module,
    optimizer: torch.optim.Optimizer,
    part: QuestionPart,
    features: Tensor,
    *,
    epoch: int,
) -> dict[str, float]:
    """Trains one epoch, counted from 0, and returns its metrics, of all workers together."""
    started = time.perf_counter()
    network.train()
    device = part.words.device
    known = (part.targets >= 0).nonzero().flatten()  # a question whose answer is no class teaches nothing
    order = known[epoch_order(len(known), seed=config.seed, epoch=epoch).to(device)]
    totals = torch.zeros(2, dtype=torch.float64, device=device)
    with seeded("epoch", config.seed, epoch, rank(), device=device):
        for batch in order.split(config.batch_size):
            totals += _step(config, network, optimizer, part, features, batch=batch)
    loss, right = (all_sum(totals) / len(order)).tolist()
    return {
        "epoch": epoch + 1,
        "train/loss": loss,
        "train/accuracy": right,  # of the answer trained on, as seen during the epoch
        "learning_rate": config.learning_rate,
        "time/epoch_s": time.perf_counter() - started,
    }


def _step(
    config: HighwayVQAConfig,
    network: nn.Module,
    optimizer: torch.optim.Optimizer,
    part: QuestionPart,
    features: Tensor,
    *,
    batch: Tensor,
) -> Tensor:
    """Takes one step over a global batch; returns this worker's summed loss and right answers."""
    mine, weight = local_share(batch)
    seen = features[part.rows[mine].cpu()].to(batch.device)
    logits = network(seen, part.words[mine])
    loss = F.cross_entropy(logits, part.targets[mine], reduction="sum")
    optimizer.zero_grad(set_to_none=True)
    backward_mean(loss, weight=weight, count=len(batch))
    nn.utils.clip_grad_norm_(network.parameters(), config.max_gradient_norm)
    optimizer.step()
    right = (logits.detach().argmax(1) == part.targets[mine]).sum()
    return torch.stack((loss.detach().double(), right.double())) * weight


def _test(
    config: HighwayVQAConfig,
    network: VQANetwork,
    data: VisualQuestionData,
    *,
    device: torch.device,
) -> dict[str, float]:
    part = _part(config, data, "test", device)
    answers = answer(network, part, data.features, device=device)
    found = scores(answers, part) | by_question_type(answers.open_ended, part, data.type_names)
    # Which questions need the image follows from what was asked, not from a control's words.
    found |= image_needed_accuracy(answers.open_ended, part, needs_image(data.train, data.test))
    return named("test", found | trivial_scores(data.train.to(device), part))
