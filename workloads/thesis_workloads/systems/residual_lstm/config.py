"""Settings of one paraphrase run (chapter 7). Standard library only."""

from dataclasses import dataclass

from thesis_workloads.contract.settings import LARGEST_SEED, setting


@dataclass(frozen=True, kw_only=True)
class ResidualLSTMConfig:
    """One complete run: data, model, training, decoding and seed."""

    data: str = setting(
        "bible-verses",
        "set of paraphrases (thesis_workloads.datasets.text.paraphrases)",
        choices=("bible-verses", "ppdb", "wikianswers", "mscoco"),
    )
    num_train: int = setting(
        5000, "training pairs; 0 takes all that remain after the held-out parts", at_least=0
    )
    num_val: int = setting(300, "pairs for the validation perplexity", at_least=1)
    num_test: int = setting(
        300,
        "sources that are paraphrased and scored after the last epoch (published: 20,000)",
        at_least=1,
    )
    max_length: int = setting(
        20,
        "most words of a sentence in the data and of an output (published: 15 for captions)",
        at_least=1,
    )
    vocabulary: int = setting(
        2500, "commonest words kept; the others become <unk> (section 7.4.1)", at_least=1
    )
    references: int = setting(5, "most references of a test source (section 7.5.2)", at_least=1)

    model: str = setting(
        "residual",
        "which encoder and decoder (table 7.2)",
        choices=("seq2seq", "attention", "bidirectional", "residual"),
    )
    num_layers: int = setting(4, "layers of encoder and of decoder (section 7.4.2)", at_least=1)
    residual_step: int = setting(
        2, "layers that one residual connection spans, n (section 7.2.3)", at_least=1
    )
    hidden: int = setting(
        64, "units of every layer, and width of the word vectors (published: 512)", at_least=1
    )
    dropout: float = setting(
        0.2, "probability, after each layer (published: 0.5; section 7.4.3)", at_least=0, below=1
    )
    dropout_position: str = setting(
        "after-sum", "side of a residual connection (section 7.4.3)", choices=("after-sum", "before-sum")
    )

    epochs: int = setting(8, "passes over the training pairs (published: 10; section 7.4.3)", at_least=1)
    batch_size: int = setting(
        16, "pairs per optimizer step over all workers together (not stated)", at_least=1
    )
    learning_rate: float = setting(1.0, "step size of plain SGD (section 7.4.3)", above=0)
    halve_every: int = setting(3, "epochs after which the rate is halved (section 7.4.3)", at_least=1)
    clip_norm: float = setting(
        5.0,
        "largest norm of the gradient of a step (Sutskever et al. 2014; not stated)",
        above=0,
    )
    # Sutskever et al. have 0.08 at 1,000 units; the product of layers shrinks with the root of the width, so it is
    # 2.5 / sqrt(hidden): else plain stacks don't start at all.
    init_range: float = setting(
        0.3, "weights start uniform in +- this, about 2.5 / sqrt(hidden) (not stated)", above=0
    )

    beam: int = setting(5, "hypotheses per sentence in decoding (published: 5 and 10)", at_least=1)
    second_beam: int = setting(
        0,
        "the test part is decoded and scored with this beam, too; 0 for none (published: 5 and 10)",
        at_least=0,
    )
    length_penalty: float = setting(
        0.0, "exponent of the length that scores are divided by; 0 as published", at_least=0
    )
    word_vectors: str = setting(
        "", "file of vectors for the embedding metric (word2vec or GloVe); empty learns them on the data"
    )
    seed: int = setting(
        0, "seed of initial weights, order of sentences and dropout", at_least=0, at_most=LARGEST_SEED
    )
    device: str = setting(
        "auto", "where it trains; auto takes an accelerator if there is one", choices=("auto", "cpu", "cuda")
    )
