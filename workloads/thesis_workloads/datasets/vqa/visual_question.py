"""A question about an image, and what a reader of such questions gives."""

from dataclasses import dataclass

YES_NO, NUMBER, OTHER = "yes/no", "number", "other"
ANSWER_TYPES = (YES_NO, NUMBER, OTHER)


@dataclass(frozen=True, kw_only=True)
class Question:
    """One question with all its answers."""

    image: str  # name of the image, unique in its set
    text: str
    answers: tuple[str, ...]  # one per person: ten, or one where a program made the question
    answer_type: str  # yes/no | number | other
    question_type: str  # what it begins with or asks for
    choices: tuple[str, ...] = ()  # of the multiple choice task, where there is one


@dataclass(frozen=True, kw_only=True)
class RawQuestions:
    """What a reader found."""

    train: list[Question]
    test: list[Question]
    images: dict[str, str]  # name -> path of a file, or scene:SEED for a generated one
    version: str
