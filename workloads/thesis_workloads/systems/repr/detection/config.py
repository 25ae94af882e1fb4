"""Settings of one training run of a detector. Standard library only."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class DetectionConfig:
    """One complete run: scenes, detector, training scheme, optimizer and seed.

    The defaults fit scenes of 96 pixels on one core; ``--scale paper`` has those of section 5.8.3.
    """

    data: str = "shapes"  # shapes: generated | coco: a folder in COCO's format
    num_train: int = 400  # training images; 0 takes all that the held-out part leaves (coco)
    num_val: int = 80  # held-out images; for coco they are taken from the training images
    num_test: int = 160  # images of the test part, read once; 0 takes all (coco)
    scene_seed: int = 0  # of the generated scenes, the same for every seed of the training

    backbone: str = "resnet-10"  # resnet-10 | resnet-18 | resnet-34 | resnet-50 | resnet-101
    width: int = 16  # filters of the backbone's first stage; torchvision's networks have 64
    head: str = (
        "fpn"  # fpn: feature pyramid | c4: the last stage reads each region from the fourth (table 5.9)
    )
    pretrained: str = "none"  # none | the file of a state of `thesis train repr` with the same backbone
    image_size: int = 96  # pixels that the shorter side is scaled to; the longer has at most 5/3 of it
    smallest_anchor: int = 12  # pixels; anchors double four times from there
    pyramid_channels: int = 32  # of the feature pyramid
    head_width: int = 128  # of the two fully connected layers behind the pyramid
    region_cells: int = 7  # side of the pooled region that c4's last stage reads; 14 in He et al. 2016
    regions: int = 64  # regions of each image that the head is trained on
    proposals: int = 200  # regions of each image that are kept before

    scheme: str = "repr"  # repr | standard
    metric: str = "ortho"  # ortho | weights | random: those that need no images
    s1: int = 5  # epochs of the full network per iteration (algorithm 4)
    s2: int = 2  # epochs of the sub-network per iteration
    p: float = 30.0  # percent of all filters of the backbone pruned per iteration, 0..100
    n: int = 3  # iterations
    rank_first_conv: bool = False  # let the first convolution lose filters too
    score_scale: str = "none"  # none | dimension | layer, as for `repr`
    min_filters: int = 1  # filters that every layer keeps

    epochs: int = 24  # of the whole run
    batch_size: int = 8  # images per optimizer step over all workers together
    optimizer: str = "adam"  # sgd | momentum | adam
    learning_rate: float = 0.001
    momentum: float = 0.9  # of the optimizer "momentum"
    weight_decay: float = 0.0001  # L2 penalty
    schedule: str = "steps"  # constant | steps | cyclic
    warmup_steps: int = 50  # steps of the run over which the rate rises to its value
    num_loaders: int = 0  # processes of each worker that read and decode images ahead
    seed: int = 0  # initial weights, order of images, sampled regions, random ranking
    device: str = "auto"  # auto | cpu | cuda
    precision: str = "float32"  # float32 | bfloat16: of the layers' products in training
