"""A tiny set: eight images with two hidden marks each, and questions about one or the other."""

import pytest
import torch

from thesis_workloads.datasets.vqa.visual_question import OTHER, YES_NO, Question
from thesis_workloads.datasets.vqa.visual_questions import QuestionSplits
from thesis_workloads.systems.highway_vqa.config import HighwayVQAConfig
from thesis_workloads.systems.highway_vqa.data import assemble
from thesis_workloads.systems.highway_vqa.features import ImageFeatures

COLORS, SHAPES = ("red", "blue", "green"), ("circle", "square")


def questions_of(image, color, shape):
    choices = ("red", "blue", "circle", "yes")
    made = [
        ("what color is it?", color, OTHER, "color"),
        ("and what shape is it in there?", shape, OTHER, "shape"),
        ("is it red?", "yes" if color == "red" else "no", YES_NO, "presence"),
    ]
    return [
        Question(image=image, text=t, answers=(a,), answer_type=kind, question_type=asked, choices=choices)
        for t, a, kind, asked in made
    ]


def make_data(problems=()):
    marks = [(color, shape) for color in COLORS for shape in SHAPES]
    names = [f"image {number}" for number in range(18)]
    vectors = torch.zeros(18, 6)
    noise = torch.randn(18, 6, generator=torch.Generator().manual_seed(0))
    questions = []
    for number, name in enumerate(names):
        color, shape = marks[number % 6]
        vectors[number, COLORS.index(color)] = 1.0
        vectors[number, 3 + SHAPES.index(shape)] = 1.0
        questions.append(questions_of(name, color, shape))
    parts = [[q for each in questions[start : start + 6] for q in each] for start in (0, 6, 12)]
    splits = QuestionSplits(
        train=parts[0], val=parts[1], test=parts[2], images=dict.fromkeys(names, ""), name="tiny", version="1",
        digest="0",
    )  # fmt: skip
    kept = [number for number, name in enumerate(names) if name not in problems]
    features = ImageFeatures(
        table=(vectors + 0.05 * noise)[kept],
        row_of={names[number]: row for row, number in enumerate(kept)},
        problems=dict.fromkeys(problems, "OSError: cut off"),
        source="made up",
    )
    return assemble(splits, features, num_answers=100)


@pytest.fixture(scope="session")
def data():
    return make_data()


@pytest.fixture(scope="session")
def config():
    return HighwayVQAConfig(width=16, word_dim=8, epochs=3, batch_size=5, dropout=0.1, device="cpu")
