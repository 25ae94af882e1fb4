"""Errors of other processes in one line: Ray's own carry whole tracebacks."""

import re

_OURS = re.compile(r"\bDataset(?:Damaged|Missing)(?:\(['\"]|: )(?P<said>[^\n]+)")
_ADVICE = re.compile(r"^(To |For more|See |You can|Refer )")  # what Ray adds below an error


def one_line(error: BaseException) -> str:
    """Returns what a task said, without a traceback: our own words where there are some, else the last line.

    Ray Data keeps a task's error as text alone, so it is looked for there.
    """
    texts = [str(each) for each in _chain(error)]
    for text in texts:
        ours = _OURS.search(text)
        if ours is not None:
            return ours["said"].strip().rstrip("'\")")
    cause = _chain(error)[-1]
    lines = [
        line.strip() for line in texts[-1].splitlines() if line.strip() and not _ADVICE.match(line.strip())
    ]
    return f"{type(cause).__name__}: {lines[-1]}" if lines else type(cause).__name__


def _chain(error: BaseException) -> list[BaseException]:
    """Returns an error and those below it: the cause that Ray names, or Python's."""
    found = [error]
    while True:
        below = getattr(found[-1], "cause", None) or found[-1].__cause__
        if not isinstance(below, BaseException) or any(below is each for each in found):
            return found
        found.append(below)
