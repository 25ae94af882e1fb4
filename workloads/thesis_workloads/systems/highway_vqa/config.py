"""Settings of one visual question answering run (chapter 6). Standard library only."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class HighwayVQAConfig:
    """One complete run: questions, image features, model, training and seed."""

    data: str = (
        "easy-vqa"  # easy-vqa | scenes | vqa-v1 | vqa-v2 (thesis_workloads.datasets.vqa.visual_questions)
    )
    num_images: int = 0  # images whose questions are trained on; 0 takes all that are not held out
    num_val_images: int = 400  # images of the training part held out to choose settings by
    num_answers: int = 1000  # commonest answers, which are the classes (Antol et al. 2015)
    # official | lenient: how people's answers are normalised for the VQA accuracy (metrics.vqa_accuracy)
    normalisation: str = "official"

    backbone: str = "efficientnet-lite0"  # that | a torchvision network | trained-standard | trained-repr
    backbone_weights: str = ""  # file of its state; empty takes shipped ones; random: none
    image_size: int = 64  # pixels, both sides, that an image is scaled to (text: 224)
    grid: int = 1  # cells a side that the last maps are averaged over; 1 is the layer before the softmax

    model: str = "highway"  # highway | image | question | q+i | lstm-q+i (table 6.1)
    depth: int = 0  # highway layers; 0 takes as many as the longest training question needs (section 6.1.2)
    words_per_layer: int = 1  # whose mean a carry gate is fed (section 6.1.2)
    padding: str = "repeat"  # repeat | zeros: what a short question feeds the remaining layers (section 6.1)
    carry: str = "sigmoid"  # sigmoid | linear: carry gate of the projected word (not stated)
    projection: str = "layer"  # layer | shared: one matrix for words per layer, or one for all (not stated)
    width: int = 128  # of the highway and of the baselines' hidden layers (text: that of the image features)
    word_dim: int = 64  # of learned word vectors; a file's own size counts (text: GloVe)
    word_vectors: str = ""  # file (word2vec or GloVe) that they start from; empty learns them

    words: str = "question"  # question | random: control of section 6.1.4; random words change every epoch
    word_order: str = "original"  # original | shuffled: section 6.1.2 says that it doesn't matter
    question: str = "forward"  # forward | forward+reversed: control of section 6.1.5, twice the layers

    epochs: int = 12  # (not stated)
    batch_size: int = 128  # questions per optimizer step over all workers together (not stated)
    learning_rate: float = 2e-3  # of Adam (not stated)
    dropout: float = 0.2  # before the output layer (not stated)
    weight_decay: float = 0.0  # L2 penalty
    max_gradient_norm: float = 5.0  # of a step (not stated)
    seed: int = 0  # initial weights, order of questions, dropout, random words
    device: str = "auto"  # auto | cpu | cuda

    @property
    def feature_seed(self) -> int:
        """The seed that the image features depend on: the run's, unless the backbone's weights are given."""
        is_made_here = self.backbone.startswith("trained-") or self.backbone_weights == "random"
        return self.seed if is_made_here else 0
