"""`copydesk rules lock` and `copydesk rules diff`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ...schemas.messages import counted, printable
from .options import Configured, announce_settings, config_option, parse_mapping, reading_options, rules_options

if TYPE_CHECKING:
    from ..settings import Settings


@click.command("lock", cls=Configured)
@click.option("--lock-file", type=click.Path(path_type=Path), help="File to write.  [default: copydesk.lock]")
@rules_options
def lock(lock_file: Path | None, settings: Settings) -> int:
    """Record which rules run, in a file.

    It has the id, version and hash of each rule, the engine, Unicode, and the selection.

    The lock also holds the rule files, so that `rules diff` can run them later. `clean --locked` and `check --locked`
    refuse other rules. By default the lock is written beside the settings file, or into the working directory.

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
@click.option("--on", "inputs", multiple=True, required=True, metavar="INPUT", help="Records to clean with both.")
@click.option("--installed-code", is_flag=True, help="Use the installed code rules on both sides.")
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
    dialect: str | None,
    config: Path | None,
) -> int:
    """Show which records two locks clean differently. The exit code is 1 if any text differs.

    The new rules cut the lines that begin with "- ", and no longer cut those that begin with "+ ". Rules and selection
    come from the locks; of the settings only `map` is used.

    \b
    Example:
      copydesk rules diff OLD.lock NEW.lock --on sample.jsonl
    """
    from ...rules.ruleset.lockfile import compare_locks, read_lock
    from ..rule_tools.lock_diff import Diff
    from ..settings import load_settings

    for change in compare_locks(read_lock(old), read_lock(new)):
        click.echo(printable(f"# {change}"))
    chosen = parse_mapping(mapping, dialect)
    settings = load_settings({"map": chosen} if chosen else {}, file=config)
    if not config:
        announce_settings(settings)
    compared = Diff(old, new, installed_code=installed_code, mapping=settings.config.map)
    for difference in compared.run(list(inputs), kind=kind, encoding=encoding):
        click.echo(printable(difference.place))
        for sign, cuts in (("-", difference.cut), ("+", difference.kept)):
            for rule, text in cuts:
                click.echo(printable(f"  {sign} {' '.join(text.split())}  [{rule}]"))
    for rule, count in compared.rules.most_common():
        click.echo(printable(f"{count:>9,}  {rule}"), err=True)
    click.echo(f"{compared.changed:,} of {counted(compared.records, 'record')} changed", err=True)
    return 1 if compared.changed else 0
