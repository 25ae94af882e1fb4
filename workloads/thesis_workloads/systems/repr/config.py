"""Settings of one RePr training run (chapter 5). Standard library only."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class RePrConfig:
    """One complete run: data, network, training scheme, optimizer and seed."""

    data: str = "digits"  # name in thesis_workloads.datasets.catalog
    num_train: int = 300  # training images, stratified; 0 takes all that remain after validation
    label_noise: float = 0.0  # share of the training labels redrawn at random, 0..1; no other part has noise
    noise_seed: int = 0  # of that noise, the same for every seed of the training
    num_val: int = 500  # held-out images for the oracle and for model selection (text: 5,000; section 5.4)
    # cn-X for C^n(X) (section 5.4) | cn-X-pool | cn-X-released | resnet-N | densenet-N | vgg-16 | googlenet
    model: str = "c3-32"
    batch_norm: bool = False  # after each convolution; residual and dense networks always have it
    dropout: float = 0.0  # probability, after each activation (figure 5.8 uses 0.5); in none of the ResNets

    scheme: str = "repr"  # repr | standard | dsd | ban (table 5.4) | later-layers (Zhou et al. 2022)
    metric: str = (
        "ortho"  # ortho | weights | random | oracle | activations | apoz | gradients | taylor | hessian
    )
    num_ranking: int = 512  # training images that the last five metrics read, drawn anew each round
    s1: int = 20  # epochs of the full network per iteration (algorithm 4); of dsd too
    s2: int = 10  # epochs of the sub-network per iteration (algorithm 4); of dsd too
    p: float = 30.0  # percent of all filters pruned per iteration, 0..100 (section 5.6.2); of dsd's weights
    n: int = 3  # iterations (section 5.6.3), 0: to the end (as siahuat0727/RePr); generations of ban
    num_early_layers: int = 1  # convolutions that keep their weights where the later layers are drawn again
    rank_first_conv: bool = False  # let the first convolution lose filters too
    score_scale: str = "none"  # none | dimension: over ortho of random filters | layer: over the layer's norm
    min_filters: int = 1  # filters that every layer keeps
    reverse_ranking: bool = False  # the most important filters go, a control (as siahuat0727/RePr)
    # of the weights that read a new filter: old (as released) | zero | fresh, drawn again (both siahuat0727/RePr)
    readers: str = "zero"
    # of a new filter: retained, mean of those kept | unit (as released) | clipped to 1 / sqrt(fan-in) (siahuat0727)
    filter_norm: str = "retained"
    variant: str = "text"  # text | released: ortho score and new filters as in the author's published code

    ortho_loss: float = 0.0  # weight of the orthogonality loss (section 5.6.6; table 5.2 has 0.01)
    teacher: str = "none"  # none | a network's name, trained first | the file of a run's state (table 5.3)
    teacher_epochs: int = 0  # of `epochs`, for a teacher that is named
    teacher_weight: float = 0.9  # of the teacher's soft answers, 0..1; the labels have the rest
    temperature: float = 4.0  # that softens both answers

    epochs: int = 100  # of the whole run, teacher and generations included; after N rounds all filters train
    batch_size: int = 64  # images per optimizer step over all workers together
    optimizer: str = "sgd"  # sgd | momentum | adam (section 5.6.4)
    learning_rate: float = 0.01  # (section 5.4)
    momentum: float = 0.9  # of the optimizer "momentum"
    weight_decay: float = 0.0  # L2 penalty
    schedule: str = "constant"  # constant | steps | cyclic (figure 5.7) | halving (released code)
    halving_steps: int = 25_000  # optimizer steps after which "halving" halves the rate
    seed: int = 0  # initial weights, order of images, random ranking
    device: str = "auto"  # auto | cpu | cuda
    compile: bool = False  # trains graphs made by torch.compile, one for each shape of batch and sub-network
    num_loaders: int = 8  # processes of each worker that decode images ahead, where a set is one of files
    precision: str = (
        "float32"  # float32 | bfloat16: of the layers' products in training; weights stay float32
    )
