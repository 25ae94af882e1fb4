"""What a training step of a memory network costs as the knowledge base grows.

Four ways: attending to all articles, or to a few found by hashing, each with every article embedded once a
step (as here) or anew for every note (as a plain reading of the equations would). Usage:

    python tests/benchmarks/bench_memory_step.py [--articles 100 1000 10000] [--batch 100] [--steps 5]

A step is forward, backward, clipping and Adam, on made-up notes and articles of 150 words. Retrieval is
done once before training and is timed apart. Times are the process's CPU time, which other programs on the
machine change little. Ways that would embed more than ``--most-pages`` pages in a
step are left out, with the number.
"""

import argparse
import statistics
import sys
import time
from pathlib import Path

import torch
from machine import describe_machine
from torch import Tensor, nn

from thesis_workloads.systems.condensed_memory.model import MemoryNetwork
from thesis_workloads.systems.condensed_memory.train import Objective

RESULTS = Path(__file__).parent / "results" / "memory_step.md"
WAYS = {
    "all articles, embedded once": (False, False),
    "all articles, embedded for each note": (False, True),
    "hashed, embedded once": (True, False),
    "hashed, embedded for each note": (True, True),
}
VOCABULARY, WORDS, NUM_LABELS = 20_000, 150, 50


class PerNote(MemoryNetwork):
    """Embeds the articles of each note by itself."""

    def _memory(self, slots: Tensor | None) -> tuple[Tensor, Tensor]:
        assert slots is not None
        places = slots.clamp(min=0).flatten()
        keys, values = self.keys(self.key_words[places]), self.values(self.value_words[places])
        return keys.view(*slots.shape, -1), values.view(*slots.shape, -1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, nargs="+", default=[100, 1000, 10_000])
    parser.add_argument("--batch", type=int, default=100)
    parser.add_argument("--steps", type=int, default=5)
    parser.add_argument("--slots", type=int, default=50, help="articles that hashing finds for each note")
    parser.add_argument("--dims", type=int, default=64)
    parser.add_argument("--most-pages", type=int, default=100_000)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    lines = [*heading(arguments), *rows(arguments)]
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text("\n".join(lines) + "\n")
    print("\n".join(lines))


def heading(arguments: argparse.Namespace) -> list[str]:
    columns = [f"{count:,} articles" for count in arguments.articles]
    return [
        "# Memory networks: one training step as the knowledge base grows",
        "",
        describe_machine(f"python {' '.join(sys.argv)}", packages=("torch", "scipy")),
        "",
        f"Condensed network, 3 hops, gated, batch {arguments.batch}, {WORDS} words a text, embeddings of"
        f" {arguments.dims}, {arguments.slots} slots a note where keys are hashed; median of"
        f" {arguments.steps} steps in ms of CPU time (pages embedded in a step).",
        "",
        f"| way | {' | '.join(columns)} |",
        f"|---|{'---:|' * len(columns)}",
    ]


def rows(arguments: argparse.Namespace) -> list[str]:
    lines = []
    for way, (is_hashed, is_per_note) in WAYS.items():
        cells = [
            cell(arguments, articles, is_hashed=is_hashed, is_per_note=is_per_note)
            for articles in arguments.articles
        ]
        lines.append(f"| {way} | {' | '.join(cells)} |")
    retrieval = [f"{retrieval_ms(arguments, articles):.2f}" for articles in arguments.articles]
    return [*lines, f"| finding the articles of one note, ms, once | {' | '.join(retrieval)} |"]


def cell(arguments: argparse.Namespace, articles: int, *, is_hashed: bool, is_per_note: bool) -> str:
    network, notes = make(arguments, articles, is_hashed=is_hashed, is_per_note=is_per_note)
    slots = None
    if network.index is not None:
        slots = network.index.retrieve(notes, num_slots=arguments.slots)
    elif is_per_note:
        slots = torch.arange(articles).expand(len(notes), articles)
    pages = articles if slots is None else slots.numel() if is_per_note else len(slots.unique())
    if pages > arguments.most_pages:
        return f"not run ({pages:,})"
    return f"{step_ms(network, notes, slots, steps=arguments.steps):.1f} ({pages:,})"


def make(
    arguments: argparse.Namespace, articles: int, *, is_hashed: bool, is_per_note: bool
) -> tuple[MemoryNetwork, Tensor]:
    draws = torch.Generator().manual_seed(0)

    def texts(count: int, words: int) -> Tensor:
        # Squares of uniform draws: some words are common, as in language.
        shares = torch.rand(count, words, generator=draws, dtype=torch.float64) ** 2
        return 1 + (shares * (VOCABULARY - 1)).long()

    network = (PerNote if is_per_note else MemoryNetwork)(
        "condensed",
        article_words=texts(articles, WORDS),
        title_words=texts(articles, 4),
        vocabulary_size=VOCABULARY,
        num_labels=NUM_LABELS,
        hops=3,
        addressing="gated",
        hash_keys=min(arguments.slots, articles) if is_hashed else 0,
        embedding_dim=arguments.dims,
        slot_dim=arguments.dims,
        title_dim=32,
        gate_dim=16,
        dropout=0.5,
    )
    return network, texts(arguments.batch, WORDS)


def step_ms(network: MemoryNetwork, notes: Tensor, slots: Tensor | None, *, steps: int) -> float:
    objective = Objective(network, torch.arange(NUM_LABELS), slot_loss_weight=1.0)
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-3)
    labels = (torch.rand(len(notes), NUM_LABELS, generator=torch.Generator().manual_seed(1)) < 0.05).float()
    times = []
    for step in range(steps + 1):
        started = time.process_time()
        optimizer.zero_grad()
        (objective(notes, labels, slots)[0] / len(notes)).backward()
        nn.utils.clip_grad_norm_(network.parameters(), 20.0)
        optimizer.step()
        if step:
            times.append(1e3 * (time.process_time() - started))
    return statistics.median(times)


def retrieval_ms(arguments: argparse.Namespace, articles: int) -> float:
    network, notes = make(arguments, articles, is_hashed=True, is_per_note=False)
    assert network.index is not None
    started = time.process_time()
    network.index.retrieve(notes, num_slots=arguments.slots)
    return 1e3 * (time.process_time() - started) / len(notes)


if __name__ == "__main__":
    main()
