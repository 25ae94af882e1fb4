"""The reference of the command line in Markdown, read off the commands themselves.

``python -m thesis.cli.reference platform/docs/reference/cli.md`` writes it; a test says when the file is out of date.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer.main

_HEAD = """# The command line

Every command with its arguments and options. Made from the commands by
`python -m thesis.cli.reference platform/docs/reference/cli.md`; do not edit by hand. `thesis COMMAND --help` says the
same in a terminal. Bad input is one line on standard error and exit code 2; Ctrl-C ends with exit code 130.
"""


def cli_reference() -> str:
    """Returns the reference of all commands; it depends on no terminal width and no environment."""
    from thesis.cli.app import app

    group: Any = typer.main.get_command(app)
    lines = [_HEAD]
    for path, command in _commands("thesis", group):
        lines += _section(path, command)
    return "\n".join(lines).rstrip() + "\n"


def _commands(path: str, command: Any) -> Iterator[tuple[str, Any]]:
    below = getattr(command, "commands", None)
    if below is None:
        yield path, command
        return
    for name, each in below.items():
        yield from _commands(f"{path} {name}", each)


def _section(path: str, command: Any) -> Iterator[str]:
    arguments = [each for each in command.params if each.param_type_name == "argument"]
    options = [each for each in command.params if each.param_type_name == "option" and not each.hidden]
    usage = " ".join([path, *("[OPTIONS]" if options else "",), *map(_argument_form, arguments)])
    yield from (f"## {path}", "", f"`{' '.join(usage.split())}`", "", *_description(command.help or ""), "")
    if arguments:
        yield from ("| argument | meaning |", "|---|---|")
        yield from (f"| `{_argument_form(each)}` | {_escaped(each.help or '')} |" for each in arguments)
        yield ""
    if options:
        yield from ("| option | default | meaning |", "|---|---|---|")
        yield from (f"| {_names(each)} | {_default(each)} | {_meaning(each)} |" for each in options)
        yield ""


def _argument_form(argument: Any) -> str:
    name = argument.metavar or str(argument.name).upper()
    repeated = "..." if argument.nargs == -1 and not name.endswith("...") else ""
    return f"{name}{repeated}" if argument.required else f"[{name}{repeated}]"


def _description(text: str) -> Iterator[str]:
    """Paragraphs as they are; the example commands, indented in the docstring, in one block."""
    examples: list[str] = []
    for paragraph in text.split("\n\n"):
        if paragraph.startswith("  "):
            examples += [" ".join(paragraph.split())]
        elif paragraph.strip():
            yield from (" ".join(paragraph.split()), "")
    if examples:
        yield from ("```", *examples, "```")


def _names(option: Any) -> str:
    names = ", ".join(f"`{name}`" for name in (*option.opts, *option.secondary_opts))
    if option.is_flag:
        return names
    value = option.metavar or option.type_descriptor.annotation
    shown = value if isinstance(value, str) else getattr(value, "__name__", str(value))
    return f"{names} {_escaped(shown)}"


def _default(option: Any) -> str:
    value = option.default
    if option.required:
        return "required"
    if value is None or value == "" or (option.is_flag and not value):
        return ""
    if option.is_flag and option.secondary_opts:
        return f"`{option.opts[0]}`"
    return f"`{value}`"


def _meaning(option: Any) -> str:
    variable = f" Variable: `{option.envvar}`." if option.envvar else ""
    repeated = " Repeatable." if option.multiple else ""
    return f"{_escaped(option.help or '')}{repeated}{variable}"


def _escaped(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;")


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(cli_reference(), encoding="utf-8")
