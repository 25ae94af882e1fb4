"""Articles of a knowledge base: from a folder of texts or from JSON lines (section 8.3.1).

An article's text is its first paragraph and its section "Signs and symptoms"; where it has no such
section, its second and third paragraphs take that place.
"""

import json
import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from thesis_workloads.datasets.errors import DatasetDamaged, DatasetMissing
from thesis_workloads.text.tokens import split_words, without_stop_words

_HEADING = re.compile(r"^\s*(?:#+\s*|=+\s*)?(?P<name>[^.\n]{2,60}?)\s*=*\s*$")
_SIGNS = re.compile(r"^(?:signs?\b|symptoms?\b|clinical features|presentation)", re.IGNORECASE)
_SUFFIXES = (".txt", ".md")


@dataclass(frozen=True, kw_only=True)
class Article:
    """A title and the part of the text that a memory slot holds."""

    title: str
    text: str


def read_articles(path: Path) -> list[Article]:
    """Returns the articles of a folder of .txt or .md files (title = file name), or of a JSON lines file.

    A line of JSON is an object with ``title`` and ``text``, or ``title``, ``paragraphs`` (a list) and,
    where there is one, ``signs_and_symptoms``.

    Raises:
        DatasetMissing: if there is nothing at the path, or no article in it.
        DatasetDamaged: naming the line that is no such object.
    """
    if not path.exists():
        raise DatasetMissing(
            f"the knowledge base is not at {path}: put a folder of articles (one .txt file each, named by"
            " its title) or a file of JSON lines there"
        )
    found = list(_from_folder(path) if path.is_dir() else _from_json_lines(path))
    if not found:
        raise DatasetMissing(f"the knowledge base at {path} must hold at least one article, got none")
    return found


def _from_folder(path: Path) -> Iterator[Article]:
    for file in sorted(path.iterdir()):
        if file.suffix in _SUFFIXES:
            text = file.read_text(encoding="utf-8", errors="replace")
            yield Article(title=file.stem.replace("_", " "), text=relevant_text(text))


def _from_json_lines(path: Path) -> Iterator[Article]:
    with path.open(encoding="utf-8", errors="replace") as lines:
        for number, line in enumerate(lines, start=1):
            if line.strip():
                yield _article(line, f"{path} line {number}")


def _article(line: str, where: str) -> Article:
    try:
        values = json.loads(line)
    except json.JSONDecodeError as error:
        raise DatasetDamaged(f"{where} must be a JSON object, got {error.msg}") from None
    if not isinstance(values, dict) or not isinstance(values.get("title"), str):
        raise DatasetDamaged(f"{where} must be a JSON object with a title")
    if isinstance(values.get("text"), str):
        return Article(title=values["title"], text=relevant_text(values["text"]))
    paragraphs = values.get("paragraphs")
    if not isinstance(paragraphs, list) or not all(isinstance(each, str) for each in paragraphs):
        raise DatasetDamaged(f"{where} must have a text, or paragraphs as a list of strings")
    signs = values.get("signs_and_symptoms")
    chosen = [*paragraphs[:1], signs] if isinstance(signs, str) and signs else paragraphs[:3]
    return Article(title=values["title"], text="\n\n".join(chosen))


def relevant_text(text: str) -> str:
    """Returns the first paragraph and the signs and symptoms, else the first three paragraphs."""
    first: list[str] = []
    signs: list[str] = []
    section = ""
    for block in re.split(r"\n\s*\n", text.strip()):
        heading, _, rest = block.partition("\n")
        match = _HEADING.match(heading)
        if match is not None and (rest or len(heading.split()) <= 5):
            section = match["name"]
            block = rest
        if not block.strip():
            continue
        if _SIGNS.match(section):
            signs.append(block.strip())
        else:
            first.append(block.strip())
    return "\n\n".join([*first[:1], *signs] if signs else first[:3])


def match_labels(labels: Sequence[str], articles: Sequence[Article]) -> list[int]:
    """Returns for each label the number of the article about it, or -1.

    An article of the same title comes first; else the one whose title shares the rarest words with the
    label, if they weigh at least half of the label or of the title, whichever is less.
    """
    titles = [frozenset(without_stop_words(split_words(article.title))) for article in articles]
    exact = {" ".join(split_words(article.title)): number for number, article in enumerate(articles)}
    frequency = Counter(word for title in titles for word in title)
    holders: dict[str, list[int]] = {}
    for number, title in enumerate(titles):
        for word in title:
            holders.setdefault(word, []).append(number)

    def weight(word: str) -> float:
        return math.log((1 + len(titles)) / (1 + frequency[word])) + 1e-9

    def nearest(label: str) -> int:
        words = frozenset(without_stop_words(split_words(label)))
        overlap: dict[int, float] = {}
        for word in sorted(words):
            for number in holders.get(word, ()):
                overlap[number] = overlap.get(number, 0.0) + weight(word)
        best = max(overlap, key=lambda n: (overlap[n], -len(titles[n]), -n), default=-1)
        if best < 0:
            return -1
        least = min(sum(weight(word) for word in each) for each in (words, titles[best]))
        return best if overlap[best] >= least / 2 else -1

    def article_of(label: str) -> int:
        title = " ".join(split_words(label))
        return exact[title] if title in exact else nearest(label)

    return [article_of(label) for label in labels]
