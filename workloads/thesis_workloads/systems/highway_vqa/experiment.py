"""Multimodal highway networks: visual question answering (chapter 6).

Source: table 6.1. On VQA v1 the highway network is published at 60.4 (open-ended, test-dev, all), an LSTM with
the image at 53.7, the question alone at 48.1. The shipped default asks 48,248 questions about 5,000 images of
one coloured shape; their features are made once and kept.
``thesis sweep highway-vqa --seeds 3``.
"""

from thesis_workloads.contract.experiment import Experiment
from thesis_workloads.contract.search_space import Choice, Range
from thesis_workloads.systems.highway_vqa.config import HighwayVQAConfig

HIGHWAY_VQA = Experiment(
    name="highway-vqa",
    title="Multimodal highway networks: visual question answering",
    chapter=6,
    config=HighwayVQAConfig,
    workload="thesis_workloads.systems.highway_vqa.workload:WORKLOAD",
    tables=("thesis_workloads.systems.highway_vqa.tables:DECLARED",),
    space={
        "depth": Choice(values=(4, 8)),
        "words_per_layer": Choice(values=(1, 2)),
        "width": Choice(values=(64, 128)),
        "words": Choice(values=("question", "random")),
    },
    # The LSTM and the image, with the same width and budget.
    baseline={"model": "lstm-q+i"},
    baseline_ignores=("model", "depth", "words_per_layer", "padding", "carry", "projection"),
    changeable={
        "learning_rate": Range(low=1e-4, high=1e-2, log=True),
        "dropout": Range(low=0.0, high=0.6),
    },
    scales={
        "smoke": {"num_images": 200, "num_val_images": 50, "epochs": 3},
        "small": {"num_images": 1500},
        "paper": {
            "data": "vqa-v1",
            "num_val_images": 4000,
            "backbone": "resnet152",
            "backbone_weights": "resnet152.pth",
            "image_size": 224,
            "depth": 20,
            "width": 2048,
            "word_dim": 300,
            "epochs": 50,
            "batch_size": 500,
            "learning_rate": 1e-3,
            "dropout": 0.5,
        },
    },
    scale_spaces={
        "smoke": {
            "depth": Choice(values=(8,)),
            "words_per_layer": Choice(values=(1,)),
            "width": Choice(values=(64,)),
            "words": Choice(values=("question", "random")),
        },
    },
    selection_metric="val/accuracy",
    test_metric="test/accuracy",
    baseline_name="LSTM Q+I",
)
