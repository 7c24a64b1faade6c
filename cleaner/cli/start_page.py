"""What the command prints about itself: a short start, the list of commands on one screen, and `copydesk help`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

# Commands by what they are about, in the order in which they are shown.
FIRST = "Start with"
GROUPS = {
    FIRST: ("clean", "inspect", "explain", "check", "validate"),
    "Results": ("report", "review", "diff", "undo", "decisions", "restore", "quarantine", "convert"),
    "Data": ("describe", "mine", "bench"),
    "Rules": ("rules", "checks", "suite", "baseline"),
    "Set-up": ("doctor", "completion", "plugins", "schema", "help"),
}
_SUMMARY = "Clean scraped articles, explain every cut, and set malformed records aside."
_OPTIONS = [
    ("--version", "Show the version and exit. With -v: also which kernel runs."),
    ("-h, --help", "Show this message and exit."),
]
_START = """\
copydesk cleans scraped articles: it cuts what is not the article, explains
every cut, and sets malformed records aside with their reasons.

  copydesk inspect dump.jsonl               preview: formats, fields, records
  copydesk clean dump.jsonl --out cleaned   clean; then open cleaned/report.html
  copydesk check dump.jsonl                 list what is wrong, change nothing

All commands: copydesk --help. Is something wrong here? copydesk doctor
"""
_END = """\
`copydesk help` lists all commands with what they do; `copydesk COMMAND --help`
explains one. Exit codes: 0 no findings; 1 findings, or rejected records;
2 wrong usage, or an unreadable file; 3 an error in copydesk; 130 interrupted.
"""


def group_commands(names: Iterable[str]) -> dict[str, list[str]]:
    """Return the names by group. A command without a group is in the last one."""
    names = list(names)
    grouped = {group: [name for name in members if name in names] for group, members in GROUPS.items()}
    placed = {name for members in grouped.values() for name in members}
    grouped[list(GROUPS)[-1]] += [name for name in names if name not in placed]
    return grouped


def print_start() -> None:
    """Print what copydesk is, three commands, and where help is."""
    click.echo(_START, nl=False)


def write_help(group: click.Group, context: click.Context, formatter: click.HelpFormatter) -> None:
    """Write the help of the whole command so that it fits a screen of 24 lines."""
    formatter.write_usage(context.command_path, "[OPTIONS] COMMAND [ARGS]...")
    formatter.write(f"  {_SUMMARY}\n")
    grouped = group_commands(group.list_commands(context))
    with formatter.section(FIRST):
        formatter.write_dl(list(_summaries(group, context, grouped.pop(FIRST))))
    with formatter.section("More commands"):
        formatter.write_dl([(name, ", ".join(members)) for name, members in grouped.items()])
    with formatter.section("Options"):
        formatter.write_dl(_OPTIONS)
    formatter.write(f"\n{_END}")


def list_in_groups(group: click.Group, context: click.Context) -> str:
    """Return every command with its summary, by group."""
    formatter = context.make_formatter()
    for name, members in group_commands(group.list_commands(context)).items():
        with formatter.section(name):
            formatter.write_dl(list(_summaries(group, context, members)), col_max=12)
    return formatter.getvalue().strip()


def _summaries(group: click.Group, context: click.Context, names: list[str]) -> Iterator[tuple[str, str]]:
    width = max(map(len, names), default=0)
    for name in names:
        command = group.get_command(context, name)
        if command is not None:
            yield f"{name:<{width}}", command.get_short_help_str(66)


@click.command()
@click.argument("words", nargs=-1, metavar="[COMMAND]...")
@click.pass_context
def command(context: click.Context, words: tuple[str, ...]) -> int:
    """List all commands, or explain one.

    \b
    Example:
      copydesk help
      copydesk help rules new
    """
    from ...schemas.errors import nearest

    root = context.find_root()
    shown: click.Command = root.command
    inner = root
    for word in words:
        names = shown.list_commands(inner) if isinstance(shown, click.Group) else []
        found = shown.get_command(inner, word) if isinstance(shown, click.Group) else None
        if found is None:
            raise click.UsageError(f"unknown command {word!r}{nearest(word, names)}", root)
        shown, inner = found, click.Context(found, info_name=word, parent=inner)
    if not words and isinstance(shown, click.Group):
        click.echo(list_in_groups(shown, root))
    else:
        click.echo(shown.get_help(inner))
    return 0
