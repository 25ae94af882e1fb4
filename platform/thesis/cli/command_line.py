"""What every command line goes through: ``~`` in options, terminals of any encoding, and errors as one line."""

import errno
import os
import sys
from collections.abc import MutableMapping, Sequence
from typing import Any, TextIO

from typer.core import TyperGroup

from thesis_workloads.contract.errors import UserError

_MACHINE_ERRORS = {
    errno.ENOSPC: "free some, then run the same command or thesis resume",
    errno.EDQUOT: "free some, then run the same command or thesis resume",
    errno.EROFS: "use --output-dir with a folder that can be written to",
    errno.EACCES: "use another folder, or change who may read and write there",
    errno.EPERM: "use another folder, or change who may read and write there",
    errno.EIO: "the disk reports a fault",
    errno.EMFILE: "raise the limit (ulimit -n)",
    errno.ENOMEM: "less memory is free than this needs",
    errno.ENAMETOOLONG: "use a shorter name",
}
_FOLDERS = ("THESIS_DATA_DIR", "THESIS_OUTPUT_DIR", "THESIS_CHECKPOINT_DIR", "THESIS_SETS_DIR")


class ThesisCommands(TyperGroup):
    """The commands, with ``~`` expanded where a shell leaves it: in ``--output-dir=~/runs`` and in variables."""

    def main(self, args: Sequence[str] | None = None, *rest: Any, **settings: Any) -> Any:
        """Runs a command."""
        expand_home_of_variables(os.environ)
        return super().main(expand_home(sys.argv[1:] if args is None else args), *rest, **settings)

    def invoke(self, context: Any) -> Any:
        """Runs the chosen command; Typer would say "Aborted." of an input that ends too early."""
        try:
            return super().invoke(context)
        except EOFError as error:
            raise UserError(
                f"what is read ends too early: a file or standard input is cut off ({error})"
            ) from error


def expand_home(arguments: Sequence[str]) -> list[str]:
    """Returns the arguments with ``~`` expanded where it begins a word or an option's value.

    What follows ``--`` is a command for another machine, which has homes of its own.
    """
    words = list(arguments)
    end = words.index("--") if "--" in words else len(words)
    return [*map(_expanded, words[:end]), *words[end:]]


def _expanded(word: str) -> str:
    option, equals, value = word.partition("=")
    if word.startswith("--") and equals and value.startswith("~"):
        return f"{option}={os.path.expanduser(value)}"
    return os.path.expanduser(word) if word.startswith("~/") else word


def expand_home_of_variables(environ: MutableMapping[str, str]) -> None:
    """Expands ``~`` in the variables that name folders, in place."""
    for name in _FOLDERS:
        if environ.get(name, "").startswith("~"):
            environ[name] = os.path.expanduser(environ[name])


def take_any_text() -> None:
    """Lets no terminal and no file that is piped in end a command by its encoding."""
    for stream, errors in (
        (sys.stdout, "backslashreplace"),
        (sys.stderr, "backslashreplace"),
        (sys.stdin, "replace"),
    ):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors=errors)


def machine_error(error: OSError) -> str | None:
    """Returns one line for what is the machine's fault, such as a full disk; None for other errors."""
    if error.errno not in _MACHINE_ERRORS:
        return None
    name = f" ({os.fsencode(error.filename).decode('utf-8', 'backslashreplace')})" if error.filename else ""
    return f"{(error.strerror or '').lower()}{name}: {_MACHINE_ERRORS[error.errno]}"


def close_quietly(stream: TextIO) -> None:
    """Gives up an output that takes nothing more, so that Python does not say so once again as it ends."""
    try:
        stream.flush()
    except (OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
