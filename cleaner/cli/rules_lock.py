"""`copydesk rules lock` and `copydesk rules diff`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ...schemas.messages import counted
from .options import Configured, config_option, parse_mapping, reading_options, rules_options

if TYPE_CHECKING:
    from ..settings import Settings


@click.command("lock", cls=Configured)
@click.option("--lock-file", type=click.Path(path_type=Path), help="The file.  [default: copydesk.lock]")
@rules_options
def lock(lock_file: Path | None, settings: Settings) -> int:
    """Write down which rules run: id, version and hash of each, the engine, Unicode, what is selected.

    The lock also holds the rule files, so that `rules diff` can run them later. `clean --locked` and `check --locked`
    refuse any other rules. It lies beside the settings, or in the working directory.

    \b
    Example:
      copydesk rules lock
      copydesk clean dump.jsonl --locked --out cleaned
    """
    from ..rule_tools.lock_diff import write_lock

    ruleset = settings.ruleset()
    path = lock_file or settings.lock_file
    write_lock(ruleset, path)
    click.echo(f"{counted(len(ruleset.infos), 'rule')} locked in {path}", err=True)
    return 0


@click.command("diff")
@click.argument("old", type=click.Path(path_type=Path))
@click.argument("new", type=click.Path(path_type=Path))
@click.option("--on", "inputs", multiple=True, required=True, metavar="INPUT", help="Records to try them on.")
@click.option("--installed-code", is_flag=True, help="Rules that are code may be the installed ones, on both sides.")
@reading_options
@config_option
def diff(
    old: Path,
    new: Path,
    inputs: tuple[str, ...],
    installed_code: bool,
    kind: str,
    encoding: str | None,
    mapping: tuple[str, ...],
    config: Path | None,
) -> int:
    """Show what the rules of one lock do to records that those of another do not. Exit code 1 if texts differ.

    A line that begins with "- " is cut from now on, one that begins with "+ " no longer. Of the settings only `map`
    counts: rules, and what is selected of them, are those of the locks.

    \b
    Example:
      copydesk rules diff OLD.lock NEW.lock --on sample.jsonl
    """
    from ...rules.ruleset.lockfile import compare_locks, read_lock
    from ..rule_tools.lock_diff import Diff
    from ..settings import load_settings

    for change in compare_locks(read_lock(old), read_lock(new)):
        click.echo(f"# {change}")
    settings = load_settings({"map": parse_mapping(mapping)} if mapping else {}, file=config)
    compared = Diff(old, new, installed_code=installed_code, mapping=settings.config.map)
    for difference in compared.run(list(inputs), kind=kind, encoding=encoding):
        click.echo(difference.place)
        for sign, cuts in (("-", difference.cut), ("+", difference.kept)):
            for rule, text in cuts:
                click.echo(f"  {sign} {' '.join(text.split())}  [{rule}]")
    for rule, count in compared.rules.most_common():
        click.echo(f"{count:>9,}  {rule}", err=True)
    click.echo(f"{compared.changed:,} of {counted(compared.records, 'record')} changed", err=True)
    return 1 if compared.changed else 0
