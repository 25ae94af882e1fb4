"""Normal form of an answer, so that "The two dogs." and "2 dogs" agree (the VQA evaluation of Antol et al. 2015).

In this order: white space; punctuation, which goes where it stands next to a space or the answer has a comma
between digits, and becomes a space elsewhere; full stops that are not part of a number; lower case; number
words to ten as digits; articles out; contractions with their apostrophe.

This is the form of a predicted answer. Of people's answers the published program changes punctuation alone, and
nothing where all ten typed the same: `thesis_workloads.metrics.vqa_accuracy` has that rule and a lenient one.
Deviation: its table of contractions has some that lose their apostrophe ("somebody'd"); they follow the others here.
"""

import functools
import itertools
import re

_PUNCTUATION = ';/[]"{}()=+\\_-><@`,?!'
_COMMA_IN_NUMBER = re.compile(r"\d,\d")
_FULL_STOP = re.compile(r"\.(?!\d)")

_DIGITS = {
    "none": "0", "zero": "0", "one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6",
    "seven": "7", "eight": "8", "nine": "9", "ten": "10",
}  # fmt: skip
_ARTICLES = frozenset(("a", "an", "the"))

_CONTRACTIONS = """
    ain't aren't can't could've couldn't couldn't've didn't doesn't don't hadn't hadn't've hasn't haven't he'd
    he'd've he's how'd how'll how's i'd've i'm i've isn't it'd it'd've it'll let's ma'am mightn't mightn't've
    might've mustn't must've needn't not've o'clock oughtn't ow's'at shan't she'd've she's should've shouldn't
    shouldn't've somebody'd somebody'd've somebody'll somebody's someone'd someone'd've someone'll someone's
    something'd something'd've something'll that's there'd there'd've there're there's they'd they'd've
    they'll they're they've 'twas wasn't we'd've we've weren't what'll what're what's what've when's where'd
    where's where've who'd who'd've who'll who's who've why'll why're why's won't would've wouldn't wouldn't've
    y'all y'all'll y'all'd've you'd you'd've you'll you're you've
    """


def normalise_answer(text: str) -> str:
    """Returns the normal form of one answer."""
    found = normalise_punctuation(text.replace("\n", " ").replace("\t", " ").strip())
    words = [_DIGITS.get(word, word) for word in found.lower().split()]
    full = _contractions()
    return " ".join(full.get(word, word) for word in words if word not in _ARTICLES)


def normalise_punctuation(text: str) -> str:
    """Returns an answer without punctuation: all that the published program does to people's answers."""
    return _FULL_STOP.sub("", _without_punctuation(text))


def _without_punctuation(text: str) -> str:
    has_number = _COMMA_IN_NUMBER.search(text) is not None
    found = text
    for mark in _PUNCTUATION:
        is_loose = f"{mark} " in text or f" {mark}" in text
        found = found.replace(mark, "" if is_loose or has_number else " ")
    return found


@functools.cache
def _contractions() -> dict[str, str]:
    """Returns every contraction by each spelling that lacks some of its apostrophes."""
    found: dict[str, str] = {}
    for word in _CONTRACTIONS.split():
        parts = word.split("'")
        for marks in itertools.product(("", "'"), repeat=len(parts) - 1):
            spelling = parts[0] + "".join(mark + part for mark, part in zip(marks, parts[1:], strict=True))
            found.setdefault(spelling, word)
    return found
