"""The page of the commands: each command, each option, and nothing that breaks a table."""

from __future__ import annotations

import click
import pytest

from copydesk.cleaner.cli.command_pages import render_command_page
from copydesk.cleaner.cli.main import cli

PAGE = render_command_page()


def commands(group: click.Group, words: tuple[str, ...] = ()) -> list[tuple[tuple[str, ...], click.Command]]:
    context = click.Context(group)
    found = []
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if command.hidden:  # former names
            continue
        found.append(((*words, name), command))
        if isinstance(command, click.Group):
            found += commands(command, (*words, name))
    return found


@pytest.mark.parametrize(
    ("words", "command"), commands(cli), ids=lambda value: " ".join(value) if isinstance(value, tuple) else "command"
)
def test_each_command_has_its_options(words, command):
    heading = f"\n{'#' * (len(words) + 1)} {' '.join(words)}\n"
    assert PAGE.count(heading) == 1
    part = PAGE.split(heading)[1].split(f"\n{'#' * (len(words) + 1)} ")[0]
    for option in command.params:
        if isinstance(option, click.Option) and not option.hidden:
            assert f"`{option.opts[0]}`" in part


def test_rows_of_tables_have_two_cells():
    rows = [line for line in PAGE.splitlines() if line.startswith("| `")]
    assert len(rows) > 100
    assert [row for row in rows if row.replace("\\|", "").count("|") != 3] == []
