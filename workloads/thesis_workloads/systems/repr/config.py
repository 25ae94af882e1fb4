"""Settings of one RePr training run (chapter 5). Standard library only."""

from dataclasses import dataclass

from thesis_workloads.contract.settings import LARGEST_SEED, setting


@dataclass(frozen=True, kw_only=True)
class RePrConfig:
    """One complete run: data, network, training scheme, optimizer and seed."""

    data: str = setting("digits", "image set by its name ('thesis list' has them)")
    num_train: int = setting(
        300, "training images, stratified; 0 takes all that remain after validation", at_least=0
    )
    label_noise: float = setting(
        0.0,
        "share of the training labels redrawn at random; no other part has noise",
        at_least=0,
        at_most=1,
    )
    noise_seed: int = setting(
        0, "seed of the label noise, the same for every seed of the training", at_least=0
    )
    num_val: int = setting(
        500,
        "held-out images for the oracle and for model selection (published: 5,000; section 5.4)",
        at_least=0,
    )
    model: str = setting(
        "c3-32",
        "cn-X for C^n(X) (section 5.4), cn-X-pool, cn-X-released, resnet-N, densenet-N, vgg-16 or googlenet",
    )
    batch_norm: bool = setting(
        False, "normalise after each convolution; residual and dense networks always do"
    )
    dropout: float = setting(
        0.0,
        "probability, after each activation (figure 5.8 uses 0.5); in none of the ResNets",
        at_least=0,
        below=1,
    )

    scheme: str = setting(
        "repr",
        "training scheme: repr, standard, dsd and ban (table 5.4), or later-layers (Zhou et al. 2022)",
        choices=("repr", "standard", "dsd", "ban", "later-layers"),
    )
    metric: str = setting(
        "ortho",
        "what filters are ranked by (table 5.1)",
        choices=(
            "ortho",
            "weights",
            "random",
            "oracle",
            "activations",
            "apoz",
            "gradients",
            "taylor",
            "hessian",
        ),
    )
    num_ranking: int = setting(
        512, "training images that the last five metrics read, drawn again each round", at_least=1
    )
    s1: int = setting(20, "epochs of the full network per iteration (algorithm 4); of dsd too", at_least=1)
    s2: int = setting(10, "epochs of the sub-network per iteration (algorithm 4); of dsd too", at_least=1)
    p: float = setting(
        30.0,
        "percent of all filters pruned per iteration (section 5.6.2); of dsd's weights",
        at_least=0,
        at_most=100,
    )
    n: int = setting(
        3,
        "iterations (section 5.6.3), 0: to the end (as siahuat0727/RePr); generations of ban",
        at_least=0,
    )
    num_early_layers: int = setting(
        1, "convolutions that keep their weights where the later layers are drawn again", at_least=0
    )
    rank_first_conv: bool = setting(False, "let the first convolution lose filters too")
    score_scale: str = setting(
        "none",
        "what an ortho score is divided by: dimension, that of random filters; layer, the layer's norm",
        choices=("none", "dimension", "layer"),
    )
    min_filters: int = setting(1, "filters that every layer keeps", at_least=1)
    reverse_ranking: bool = setting(
        False, "prune the most important filters, a control (as siahuat0727/RePr)"
    )
    readers: str = setting(
        "zero",
        "weights that read a new filter: old (as released), zero, or fresh, drawn again (both siahuat0727/RePr)",
        choices=("old", "zero", "fresh"),
    )
    filter_norm: str = setting(
        "retained",
        "norm of a new filter: retained, the mean of those kept; unit (as released); clipped to 1 / sqrt(fan-in)"
        " (siahuat0727/RePr)",
        choices=("retained", "unit", "clipped"),
    )
    variant: str = setting(
        "text",
        "text: as printed; released: ortho score and new filters as in the author's published code",
        choices=("text", "released"),
    )

    ortho_loss: float = setting(
        0.0, "weight of the orthogonality loss (section 5.6.6; table 5.2 has 0.01)", at_least=0
    )
    teacher: str = setting(
        "none", "none, a network's name, trained first, or the file of a run's state (table 5.3)"
    )
    teacher_epochs: int = setting(
        0, "epochs, out of `epochs`, that train a teacher given by its name", at_least=0
    )
    teacher_weight: float = setting(
        0.9, "weight of the teacher's soft answers; the labels have the rest", at_least=0, at_most=1
    )
    temperature: float = setting(4.0, "divisor that softens the answers of teacher and student", above=0)

    epochs: int = setting(
        100,
        "epochs of the whole run, teacher and generations included; after N rounds all filters train",
        at_least=1,
    )
    batch_size: int = setting(64, "images per optimizer step over all workers together", at_least=1)
    optimizer: str = setting("sgd", "rule of a step (section 5.6.4)", choices=("sgd", "momentum", "adam"))
    learning_rate: float = setting(0.01, "step size of the optimizer (section 5.4)", above=0)
    momentum: float = setting(
        0.9, 'share of the last step that the optimizer "momentum" keeps', at_least=0, below=1
    )
    weight_decay: float = setting(0.0, "L2 penalty", at_least=0)
    schedule: str = setting(
        "constant",
        "course of the learning rate: steps and cyclic (figure 5.7), halving (released code)",
        choices=("constant", "steps", "cyclic", "halving"),
    )
    halving_steps: int = setting(25_000, 'optimizer steps after which "halving" halves the rate', at_least=1)
    seed: int = setting(
        0, "seed of initial weights, order of images and random ranking", at_least=0, at_most=LARGEST_SEED
    )
    device: str = setting(
        "auto", "where it trains; auto takes an accelerator if there is one", choices=("auto", "cpu", "cuda")
    )
    compile: bool = setting(
        False, "train graphs made by torch.compile, one for each shape of batch and sub-network"
    )
    num_loaders: int = setting(
        8, "processes of each worker that decode images ahead, where a set is one of files", at_least=0
    )
    precision: str = setting(
        "float32",
        "number format of the layers' products in training; weights stay float32",
        choices=("float32", "bfloat16"),
    )
