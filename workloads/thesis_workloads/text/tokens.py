"""Splitting text into lower-case words."""

import re
from collections.abc import Iterable

_WORD = re.compile(r"[a-z0-9]+(?:['’][a-z]+)?")

_FUNCTION_WORDS = """
    a about above after again all also am an and any are as at be because been before being below between
    both but by can could did do does doing down during each few for from further had has have having he her
    here hers him his how i if in into is it its itself just me more most my no nor not now of off on once
    only or other our ours out over own same she should so some such than that the their theirs them then
    there these they this those through to too under until up upon very was we were what when where which
    while who whom why will with within would you your yours
    """

STOP_WORDS = frozenset(_FUNCTION_WORDS.split())
"""Function words of English, which a bag of words is better without (section 8.5)."""


def split_words(text: str) -> list[str]:
    """Returns the words of a text in lower case, in order; punctuation separates and is dropped."""
    return _WORD.findall(text.lower())


def without_stop_words(words: Iterable[str]) -> list[str]:
    """Returns the words that are not function words."""
    return [word for word in words if word not in STOP_WORDS]
