"""`copydesk suite`."""

from __future__ import annotations

import os
from pathlib import Path

import click

from ...schemas.messages import printable


@click.group()
def command() -> None:
    """List, show, export and propose suites of checks."""


@command.command("list")
def list_suites() -> int:
    """List the built-in suites.

    \b
    Example:
      copydesk suite list
    """
    from ...schemas.checks.suites import builtin_suites, find_suite

    for name in builtin_suites():
        suite = find_suite(name)
        counts = f"{len(suite.columns()):>3} checks of records, {len(suite.set_entries)} of the set"
        click.echo(printable(f"{name:<9} {counts}  {suite.summary}"))
    return 0


@command.command("show")
@click.argument("name", metavar="SUITE")
@click.option("--toml", is_flag=True, help="Print the TOML file, for a suite of your own.")
def show_suite(name: str, toml: bool) -> int:
    """Show the checks of a suite: severity, id, message and parameters.

    \b
    Example:
      copydesk suite show article
    """
    from ...schemas.checks.suites import find_suite, suite_text

    if toml:
        click.echo(suite_text(name), nl=False)
        return 0
    suite = find_suite(name)
    entries = [*suite.entries, *suite.set_entries]
    width = max((len(entry.id) for entry in entries), default=0)
    for entry in entries:
        settings = dict(entry.parameters) | ({"mostly": entry.mostly} if entry.mostly is not None else {})
        shown = ", ".join(f"{name} = {value}" for name, value in settings.items())
        line = f"{entry.severity:<7}  {entry.id:<{width}}  {entry.message}{f'  [{shown}]' if shown else ''}"
        click.echo(printable(line))
    for override in suite.overrides:
        changed = ", ".join(f"{i}: {e.severity if e else 'off'}" for i, e in override.entries.items())
        click.echo(printable(f"for {override.host}: {changed}"))
    return 0


@command.command("checks", hidden=True)
@click.argument("check_id", metavar="[ID]", required=False)
def show_checks(check_id: str | None) -> int:
    """List all checks, or show one: the former name of `checks`."""
    from ...schemas.checks.registry import load_checks
    from ...schemas.errors import SettingError, nearest
    from .checks import describe

    click.echo("copydesk: the command suite checks is now called checks list, and checks show", err=True)
    checks = load_checks()
    if check_id is None:
        width = max(map(len, checks))
        for check in checks.values():
            click.echo(printable(f"{check.id:<{width}}  {check.message.format(**check.parameters)}"))
        return 0
    if check_id not in checks:
        raise SettingError(f"no check {check_id!r}{nearest(check_id, checks)}", hint="see `copydesk checks list`")
    for line in describe(checks[check_id], checks[check_id].severity):
        click.echo(printable(line))
    return 0


@command.command("export")
@click.argument("name", metavar="SUITE")
@click.option(
    "--to", type=click.Choice(["gx", "toml"]), required=True, help="gx: an ExpectationSuite as JSON; toml: its file."
)
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True), default="-")
def export(name: str, to: str, file: Path) -> int:
    """Write a suite for other tools.

    The ExpectationSuite runs on flags.parquet, which `validate --out` writes, and reaches the same verdict as
    `validate`.

    \b
    Example:
      copydesk suite export article --to gx suite.json
    """
    from ...schemas.checks.suite_files import find_suite_files
    from ...schemas.checks.suites import find_suite, suite_text
    from .outputs import protect_inputs

    protect_inputs([file], [], also=find_suite_files(Path(name)))
    if to == "gx":
        from ..validate.gx_suites import export_suite

        text = export_suite(find_suite(name))
    else:
        text = suite_text(name)
    _write(text, file)
    return 0


@command.command("new")
@click.option(
    "--from", "origin", type=click.Path(path_type=Path), help="Fit it to what `describe` wrote of a data set."
)
@click.option("--overwrite", is_flag=True, help="Replace an existing file.")
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True), default="-")
def new_suite(origin: Path | None, overwrite: bool, file: Path) -> int:
    """Write a suite to start from. With --from, it fits a data set.

    \b
    Example:
      copydesk suite new --from described.json ingest.toml
    """
    from ...schemas.checks.profile import load_profile
    from ...schemas.errors import OutputError
    from ..validate.profiles import propose_suite
    from .outputs import protect_inputs

    protect_inputs([file], [], also=[origin])
    if os.path.lexists(file) and not overwrite:
        raise OutputError("the file exists", where=str(file), hint="add --overwrite, or give another file")
    _write(propose_suite(load_profile(origin), origin.name) if origin else _SKELETON, file)
    return 0


_SKELETON = """\
summary = "What we take"
extends = "article"

[checks]
# a severity (info, warning, error) or "off"; see `copydesk checks list`
"headline/missing" = "error"
# parameters; `mostly` is the share of records that must pass, whatever the severity
"body/too-short" = { characters = 100, mostly = 0.99 }

# other settings for some hosts
[[sources]]
host = "*.wire.example"
checks = { "body/too-short" = { characters = 40 } }
"""


def _write(text: str, file: Path) -> None:
    from ..atomic_files import whole_file

    if str(file) == "-":
        click.echo(text, nl=False)
        return
    with whole_file(file) as opened:
        opened.write(text)
    click.echo(printable(f"written to {file}"), err=True)
