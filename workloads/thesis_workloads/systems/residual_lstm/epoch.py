"""One epoch over pairs of sentences, exact for any number of workers.

The loss of a batch is the mean over its sentences of the summed cross entropy of their words, as in Sutskever,
Vinyals and Le (2014): the dissertation names the rate (1.0) but not what the loss is divided by. The gradient is then
scaled down to ``clip_norm`` where it is longer, after it is averaged over the workers.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from thesis_workloads.systems.residual_lstm.data import NumberedPairs
from thesis_workloads.systems.residual_lstm.model import END, PAD
from thesis_workloads.text.batching import sorted_batches
from thesis_workloads.text.sentences import padded_rows
from thesis_workloads.training.distributed import all_sum, rank, world_size
from thesis_workloads.training.loop import backward_mean, local_share

EVALUATION_BATCH = 128


def train_epoch(
    network: nn.Module,
    optimizer: torch.optim.Optimizer,
    pairs: NumberedPairs,
    *,
    batches: list[Tensor],
    clip_norm: float,
    device: torch.device,
) -> float:
    """Trains on every batch and returns the mean cross entropy per word (nats) as seen, of all workers.

    ``batches`` holds the indices of the global batches; every worker takes its part of each.
    """
    network.train()
    totals = torch.zeros(2, dtype=torch.float64, device=device)
    for batch in batches:
        mine, weight = local_share(batch)
        loss, words = summed_loss(network, pairs, mine, device=device)
        optimizer.zero_grad(set_to_none=True)
        backward_mean(loss, weight=weight, count=len(batch))
        nn.utils.clip_grad_norm_(network.parameters(), clip_norm)
        optimizer.step()
        totals += torch.stack((loss.detach().double(), words)) * weight
    loss_sum, words_sum = all_sum(totals).tolist()
    return float(loss_sum / words_sum)


@torch.inference_mode()
def cross_entropy_per_word(network: nn.Module, pairs: NumberedPairs, *, device: torch.device) -> float:
    """Returns the mean cross entropy per word (nats), the end mark included, the same on every worker."""
    was_training = network.training
    network.eval()
    totals = torch.zeros(2, dtype=torch.float64, device=device)
    batches = sorted_batches(pairs.targets.lengths, batch_size=EVALUATION_BATCH)
    for batch in batches[rank() :: world_size()]:
        loss, words = summed_loss(network, pairs, batch, device=device)
        totals += torch.stack((loss.double(), words))
    network.train(was_training)
    loss_sum, words_sum = all_sum(totals).tolist()
    return float(loss_sum / words_sum)


def summed_loss(
    network: nn.Module, pairs: NumberedPairs, chosen: Tensor, *, device: torch.device
) -> tuple[Tensor, Tensor]:
    """Returns the cross entropy summed over the words of the chosen targets, and how many words those are.

    Each target ends with the end mark, which counts as a word and also stands before the first.
    """
    source, lengths = padded_rows(pairs.sources, chosen)
    words, word_counts = padded_rows(pairs.targets, chosen)
    following = F.pad(words, (0, 1), value=PAD)
    following.scatter_(1, word_counts[:, None], END)
    previous = F.pad(words, (1, 0), value=END)
    logits = network(source.to(device), lengths, previous.to(device))
    loss = F.cross_entropy(
        logits.flatten(0, 1), following.flatten().to(device), ignore_index=PAD, reduction="sum"
    )
    return loss, (word_counts.sum() + len(chosen)).to(device).double()
