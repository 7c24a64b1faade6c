"""The page of the commands, made from their help, for docs/make.py."""

from __future__ import annotations

import inspect
import re
from typing import TYPE_CHECKING

import click

from .main import cli
from .option_groups import group_options

if TYPE_CHECKING:
    from collections.abc import Iterator

NOTE = "<!-- made by docs/make.py from the help of the commands: change that -->"
_INTRODUCTION = """\
# Commands

`copydesk COMMAND --help` prints the same in a terminal. Data go to standard output, messages to standard error. Options
may stand before or after the arguments.

| exit code | meaning |
|---|---|
| 0 | no findings |
| 1 | findings, quarantined records, or a failed validation |
| 2 | wrong usage, or a file that cannot be read or written |
| 3 | an error in copydesk itself; it says nothing about your data |
| 130 | interrupted; `clean` says whether you can continue with `--resume` |
"""


def render_command_page() -> str:
    """Return the page in Markdown."""
    lines = [NOTE, "", _INTRODUCTION]
    context = click.Context(cli, info_name="copydesk")
    for name in cli.list_commands(context):
        command = cli.get_command(context, name)
        if command is not None and not command.hidden:
            lines += _render_command(command, ["copydesk", name])
    return "\n".join(lines) + "\n"


def _render_command(command: click.Command, words: list[str]) -> Iterator[str]:
    context = click.Context(command, info_name=" ".join(words))
    usage = " ".join([*words, *command.collect_usage_pieces(context)])
    yield from ["", f"{'#' * len(words)} {' '.join(words[1:])}", "", f"Usage: `{usage}`", ""]
    yield from _render_help(command.help or "")
    groups = group_options(command, words[-1], context)
    for group, options in groups:
        members = [option for option in options if "--help" not in option.opts]
        if members:
            yield from [f"| {group.lower()} | |" if len(groups) > 1 else "| option | what |", "|---|---|"]
            yield from (f"| {_name(option)} | {_describe(option, context)} |" for option in members)
            yield ""
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            if inner is not None and not inner.hidden:
                yield from _render_command(inner, [*words, name])


def _render_help(text: str) -> Iterator[str]:
    r"""Yield the lines of a help text: what stands below `\b` keeps its lines."""
    for paragraph in inspect.cleandoc(text).split("\n\n"):
        if paragraph.startswith("\b"):
            head, *rest = paragraph.splitlines()[1:]
            yield from [head, "", "```sh", *inspect.cleandoc("\n".join(rest)).splitlines(), "```", ""]
        else:
            yield from [*paragraph.splitlines(), ""]


def _name(option: click.Option) -> str:
    flags = " ".join(f"`{flag}`" for flag in [*option.opts, *option.secondary_opts])
    if option.is_flag or option.count:
        return flags
    if isinstance(option.type, click.Choice):
        return f"{flags} {', '.join(f'`{choice}`' for choice in option.type.choices)}"
    return f"{flags} {option.metavar or option.type.name.upper()}"


def _describe(option: click.Option, context: click.Context) -> str:
    record = option.get_help_record(context)
    text = re.sub(r"\s+", " ", record[1] if record else "")
    return re.sub(r"  ?\[", " [", text).replace("|", "\\|").replace("*", "\\*").replace("<", "&lt;")
