import json

import pytest

from thesis_workloads.datasets.errors import DatasetDamaged, DatasetMissing
from thesis_workloads.datasets.notes.knowledge_base import Article, match_labels, read_articles, relevant_text

PAGE = """Gout is a form of arthritis.

It is old.

It is painful.

Signs and symptoms
A swollen toe.

It is red.

Treatment
Rest."""


def test_the_first_paragraph_and_the_signs_and_symptoms_are_kept():
    assert relevant_text(PAGE) == "Gout is a form of arthritis.\n\nA swollen toe.\n\nIt is red."


def test_without_that_section_the_first_three_paragraphs_are_kept():
    assert relevant_text("One.\n\nTwo.\n\nThree.\n\nFour.") == "One.\n\nTwo.\n\nThree."


def test_marked_up_headings_are_headings():
    text = "Intro text.\n\n== Signs and symptoms ==\n\nFever.\n\n## History\n\nLong ago."
    assert relevant_text(text) == "Intro text.\n\nFever."


def test_a_folder_gives_articles_by_the_names_of_its_files(tmp_path):
    (tmp_path / "Heart_failure.txt").write_text("Weak heart.")
    (tmp_path / "notes.pdf").write_bytes(b"%PDF")
    assert read_articles(tmp_path) == [Article(title="Heart failure", text="Weak heart.")]


def test_json_lines_give_articles_in_both_forms(tmp_path):
    path = tmp_path / "articles.jsonl"
    rows = [
        {"title": "A", "text": "One.\n\nTwo."},
        {"title": "B", "paragraphs": ["x", "y", "z", "w"], "signs_and_symptoms": "fever"},
        {"title": "C", "paragraphs": ["x", "y", "z", "w"]},
    ]
    path.write_text("\n".join(json.dumps(row) for row in rows) + "\n\n")
    assert [article.text for article in read_articles(path)] == ["One.\n\nTwo.", "x\n\nfever", "x\n\ny\n\nz"]


@pytest.mark.parametrize(
    "line", ["{", "[1]", '{"text": "x"}', '{"title": "x"}', '{"title": "x", "paragraphs": [1]}']
)
def test_a_broken_line_is_named(tmp_path, line):
    path = tmp_path / "articles.jsonl"
    path.write_text('{"title": "ok", "text": "fine"}\n' + line)
    with pytest.raises(DatasetDamaged, match="line 2 must"):
        read_articles(path)


def test_an_absent_knowledge_base_says_what_to_do(tmp_path):
    with pytest.raises(DatasetMissing, match="put a folder of articles"):
        read_articles(tmp_path / "absent")


ARTICLES = [Article(title=title, text="") for title in ("Heart failure", "Renal failure", "Pneumonia")]


def test_a_label_finds_the_article_of_its_title():
    assert match_labels(["renal failure", "Pneumonia"], ARTICLES) == [1, 2]


def test_a_label_without_such_an_article_finds_the_one_that_shares_its_rarest_words():
    labels = ["Congestive heart failure, unspecified", "Bacterial pneumonia"]
    assert match_labels(labels, ARTICLES) == [0, 2]


def test_a_label_about_something_else_finds_none():
    assert match_labels(["Gout", "Respiratory tract failure after surgery"], ARTICLES) == [-1, -1]
