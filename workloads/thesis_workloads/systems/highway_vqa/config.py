"""Settings of one visual question answering run (chapter 6). Standard library only."""

from dataclasses import dataclass

from thesis_workloads.contract.settings import LARGEST_SEED, setting


@dataclass(frozen=True, kw_only=True)
class HighwayVQAConfig:
    """One complete run: questions, image features, model, training and seed."""

    data: str = setting(
        "easy-vqa",
        "set of questions (thesis_workloads.datasets.vqa.visual_questions)",
        choices=("easy-vqa", "scenes", "vqa-v1", "vqa-v2"),
    )
    num_images: int = setting(
        0, "images whose questions are trained on; 0 takes all that are not held out", at_least=0
    )
    num_val_images: int = setting(
        400, "images of the training part held out to choose settings by", at_least=1
    )
    num_answers: int = setting(
        1000, "commonest answers, which are the classes (Antol et al. 2015)", at_least=1
    )
    normalisation: str = setting(
        "official",
        "how people's answers are normalised for the VQA accuracy (metrics.vqa_accuracy)",
        choices=("official", "lenient"),
    )

    backbone: str = setting(
        "efficientnet-lite0",
        "network of the image features: that, a torchvision network, trained-standard or trained-repr",
    )
    backbone_weights: str = setting(
        "", "file of the backbone's state; empty takes shipped ones; random: none"
    )
    image_size: int = setting(
        64,
        "pixels, both sides, that an image is scaled to (published: 224)",
        at_least=32,
        reason="the networks halve an image five times",
    )
    grid: int = setting(
        1,
        "cells a side that the last maps are averaged over; 1 is the layer before the softmax",
        at_least=1,
    )

    model: str = setting(
        "highway",
        "which network answers (table 6.1)",
        choices=("highway", "image", "question", "q+i", "lstm-q+i"),
    )
    depth: int = setting(
        0,
        "highway layers; 0 takes as many as the longest training question needs (section 6.1.2)",
        at_least=0,
    )
    words_per_layer: int = setting(1, "words whose mean a carry gate is fed (section 6.1.2)", at_least=1)
    padding: str = setting(
        "repeat",
        "what a short question feeds the remaining layers (section 6.1)",
        choices=("repeat", "zeros"),
    )
    carry: str = setting(
        "sigmoid", "carry gate of the projected word (not stated)", choices=("sigmoid", "linear")
    )
    projection: str = setting(
        "layer",
        "matrix of the words: one per layer, or one shared by all (not stated)",
        choices=("layer", "shared"),
    )
    width: int = setting(
        128,
        "units of the highway and of the baselines' hidden layers (published: those of the image features)",
        at_least=1,
    )
    word_dim: int = setting(
        64, "numbers of a learned word vector; a file's own size counts (published: GloVe)", at_least=1
    )
    word_vectors: str = setting(
        "", "file (word2vec or GloVe) that word vectors start from; empty learns them"
    )

    words: str = setting(
        "question",
        "control of section 6.1.4: random words, which change every epoch, in place of the question's",
        choices=("question", "random"),
    )
    word_order: str = setting(
        "original",
        "order of a question's words; section 6.1.2 says that it doesn't matter",
        choices=("original", "shuffled"),
    )
    question: str = setting(
        "forward",
        "control of section 6.1.5: reversed words too, on twice the layers",
        choices=("forward", "forward+reversed"),
    )

    epochs: int = setting(12, "passes over the training questions (not stated)", at_least=1)
    batch_size: int = setting(
        128, "questions per optimizer step over all workers together (not stated)", at_least=1
    )
    learning_rate: float = setting(2e-3, "step size of Adam (not stated)", above=0)
    dropout: float = setting(0.2, "probability, before the output layer (not stated)", at_least=0, below=1)
    weight_decay: float = setting(0.0, "L2 penalty", at_least=0)
    max_gradient_norm: float = setting(5.0, "largest norm of the gradient of a step (not stated)", above=0)
    seed: int = setting(
        0,
        "seed of initial weights, order of questions, dropout and random words",
        at_least=0,
        at_most=LARGEST_SEED,
    )
    device: str = setting(
        "auto", "where it trains; auto takes an accelerator if there is one", choices=("auto", "cpu", "cuda")
    )

    @property
    def feature_seed(self) -> int:
        """The seed that the image features depend on: the run's, unless the backbone's weights are given."""
        is_made_here = self.backbone.startswith("trained-") or self.backbone_weights == "random"
        return self.seed if is_made_here else 0
