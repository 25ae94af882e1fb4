"""Settings of one paraphrase run (chapter 7). Standard library only."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class ResidualLSTMConfig:
    """One complete run: data, model, training, decoding and seed."""

    data: str = "bible-verses"  # name in thesis_workloads.datasets.text.paraphrases
    num_train: int = 5000  # training pairs; 0 takes all that remain after the held-out parts
    num_val: int = 300  # pairs for the validation perplexity
    num_test: int = 300  # sources that are paraphrased and scored after the last epoch (text: 20,000)
    max_length: int = 20  # most words of a sentence in the data and of an output (text: 15 for captions)
    vocabulary: int = 2500  # commonest words kept; the others become <unk> (section 7.4.1)
    references: int = 5  # most references of a test source (section 7.5.2)

    model: str = "residual"  # seq2seq | attention | bidirectional | residual (table 7.2)
    num_layers: int = 4  # of encoder and decoder each (section 7.4.2)
    residual_step: int = 2  # layers that one residual connection spans, n (section 7.2.3)
    hidden: int = 64  # units of every layer, and width of the word vectors (text: 512)
    dropout: float = 0.2  # probability, after each layer (text: 0.5; section 7.4.3)
    dropout_position: str = "after-sum"  # after-sum | before-sum: of a residual connection (section 7.4.3)

    epochs: int = 8  # (text: 10; section 7.4.3)
    batch_size: int = 16  # pairs per optimizer step over all workers together (not stated)
    learning_rate: float = 1.0  # of plain SGD (section 7.4.3)
    halve_every: int = 3  # epochs after which the rate is halved (section 7.4.3)
    clip_norm: float = 5.0  # largest norm of the gradient of a step (Sutskever et al. 2014; not stated)
    # Weights start uniform in +- this (not stated). Sutskever et al. have 0.08 at 1,000 units; the product of
    # layers shrinks with the root of the width, so it is 2.5 / sqrt(hidden): else plain stacks don't start at all.
    init_range: float = 0.3

    beam: int = 5  # hypotheses per sentence in decoding (text: 5 and 10)
    second_beam: int = (
        0  # the test part is decoded and scored with this beam, too; 0 for none (text: 5 and 10)
    )
    length_penalty: float = 0.0  # exponent of the length that scores are divided by; 0 is the text's
    word_vectors: str = ""  # file of the embedding metric (word2vec or GloVe); empty learns them on the data
    seed: int = 0  # initial weights, order of sentences, dropout
    device: str = "auto"  # auto | cpu | cuda
