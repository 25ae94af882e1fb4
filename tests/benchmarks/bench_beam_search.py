"""Beam search batched over sentences and beams, against a loop over sentences: time, and equal output.

Two loops are timed. The plain loop takes one sentence and one hypothesis at a time and carries each hypothesis's
own state, as a program without batching does. The loop with batched beams takes one sentence at a time, its
hypotheses together: the project's own search with batches of one. The plain loop is slow, so it is timed on a
part of the sentences, and its outputs are compared there. Times are CPU time of one thread.

Usage: python tests/benchmarks/bench_beam_search.py [--sentences 1000] [--looped 100] [--beam 10] [--hidden 64]
"""

import argparse
import itertools
import sys
import time
from pathlib import Path

import torch

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "workloads"), str(Path(__file__).parent)]

from machine import describe_machine  # noqa: E402

from thesis_workloads.contract.reporter import MemoryReporter  # noqa: E402
from thesis_workloads.systems.residual_lstm import generate as generation  # noqa: E402
from thesis_workloads.systems.residual_lstm.config import ResidualLSTMConfig  # noqa: E402
from thesis_workloads.systems.residual_lstm.data import load  # noqa: E402
from thesis_workloads.systems.residual_lstm.model import END, PAD  # noqa: E402
from thesis_workloads.systems.residual_lstm.train import train  # noqa: E402
from thesis_workloads.text.sentences import join  # noqa: E402

RESULTS = Path(__file__).parent / "results" / "beam_search.md"
MAX_LENGTH = 20


@torch.inference_mode()
def plain_search(network, source, *, beam):
    """Returns score and words of one sentence's best output, a forward pass per hypothesis and step."""
    state, memory = network.encode(torch.tensor([source]), torch.tensor([len(source)]))
    live, done = [(0.0, [], state)], []
    for step in range(MAX_LENGTH + 1):
        grown = []
        for score, words, state in live:
            last = words[-1] if words else END
            logits, after = network.decode(torch.tensor([[last]]), state, memory)
            logs = logits[0, 0].log_softmax(-1)
            logs[PAD] = float("-inf")
            found, numbers = logs.topk(beam)
            if step == MAX_LENGTH:
                found, numbers = logs[END : END + 1], torch.tensor([END])
            pairs = zip(found.tolist(), numbers.tolist(), strict=True)
            grown += [(score + log, [*words, word], after) for log, word in pairs]
        grown = sorted(grown, key=lambda item: -item[0])[:beam]
        done += [(score, words[:-1]) for score, words, _ in grown if words[-1] == END]
        live = [item for item in grown if item[1][-1] != END]
        best = max(done, default=(float("-inf"), []))[0]
        if not live or live[0][0] <= best:  # nothing unfinished can still win
            break
    return max(done)


def timed(function):
    started = time.process_time()
    found = function()
    return found, time.process_time() - started


def measure(network, sources, *, beam, num_looped):
    """Returns the mean length of the outputs, and per way: seconds per 1,000 sentences and outputs that differ."""
    options = {"beam": beam, "max_length": MAX_LENGTH}
    batched, batched_s = timed(lambda: generation.generate(network, join(sources), **options))
    part = sources[:num_looped]
    plain, plain_s = timed(lambda: [plain_search(network, source, beam=beam) for source in part])
    single, single_s = timed(lambda: [generation.generate(network, join([row]), **options) for row in part])
    outputs = [
        row[0, :length].tolist() for row, length in zip(batched.tokens, batched.lengths[:, 0], strict=True)
    ]
    differing = sum(outputs[place] != words for place, (_, words) in enumerate(plain))
    differing_single = sum(
        outputs[place] != found.tokens[0, 0, : found.lengths[0, 0]].tolist()
        for place, found in enumerate(single)
    )
    rows = [
        ("batched over sentences and beams", 1000 * batched_s / len(sources), len(sources), 0),
        ("a loop over sentences and hypotheses", 1000 * plain_s / len(part), len(part), differing),
        ("a loop over sentences, beams batched", 1000 * single_s / len(part), len(part), differing_single),
    ]
    return float(batched.lengths.float().mean()), rows


def trained(*, sentences, hidden, epochs):
    """Returns a residual network trained on the verses, and the sources of test verses.

    It is trained because outputs decide the time: an untrained network ends its sentences at once.
    """
    config = ResidualLSTMConfig(
        hidden=hidden, epochs=epochs, num_test=sentences, num_val=100, num_train=5000, device="cpu"
    )
    data = load(config, None)
    network = train(config, data, MemoryReporter(keep_state=False)).eval()
    starts = data.test.sources.starts.tolist()
    tokens = data.test.sources.tokens.tolist()
    return network, [tokens[one:other] for one, other in itertools.pairwise(starts)]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    for name, default in (
        ("sentences", 1000),
        ("looped", 100),
        ("beam", 10),
        ("hidden", 64),
        ("epochs", 4),
    ):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--write", action="store_true", help="write the results file")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    network, sources = trained(
        sentences=arguments.sentences, hidden=arguments.hidden, epochs=arguments.epochs
    )
    length, rows = measure(
        network, sources, beam=arguments.beam, num_looped=min(arguments.looped, arguments.sentences)
    )
    lines = ["| way | CPU s per 1,000 sentences | times the batched | sentences | other outputs |"]
    lines += ["|---|---|---|---|---|"]
    lines += [
        f"| {name} | {seconds:.2f} | {seconds / rows[0][1]:.1f} | {count} | {differing} |"
        for name, seconds, count, differing in rows
    ]
    command = "python tests/benchmarks/bench_beam_search.py " + " ".join(sys.argv[1:])
    text = "\n".join(
        [
            "# Beam search: batched against loops",
            "",
            describe_machine(command.strip(), packages=("torch",)),
            f"Residual LSTM, 4 layers of {arguments.hidden}, {arguments.epochs} epochs on the verses, one thread,"
            f" beam {arguments.beam}; outputs have {length:.1f} words on average.",
            "",
            *lines,
            "",
        ]
    )
    print(text)
    if arguments.write:
        RESULTS.parent.mkdir(exist_ok=True)
        RESULTS.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
