import pytest

from thesis_workloads.metrics.vqa_answers import normalise_answer


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (" Yes\n", "yes"),
        ("The dog", "dog"),
        ("an apple a day", "apple day"),
        ("two", "2"),
        ("none", "0"),
        ("1,000", "1000"),
        ("3.5", "3.5"),
        ("U.S.", "us"),
        ("red, white", "red white"),
        ("red/white", "red white"),
        ("t-shirt", "t shirt"),
        ("what?", "what"),
        ("dont know", "don't know"),
        ("couldnt've", "couldn't've"),
        ("its", "its"),
    ],
)
def test_answers_are_brought_to_one_form(text, expected):
    assert normalise_answer(text) == expected


def test_a_normal_form_stays_as_it_is():
    for text in ("2 dogs", "don't know", "yes", "3.5", "red white"):
        assert normalise_answer(normalise_answer(text)) == normalise_answer(text)
