"""`copydesk checks`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from ...schemas.messages import printable
from .options import Configured, color_option, settings_options, suite_option

if TYPE_CHECKING:
    from ...schemas.checks.declare import AnyCheck
    from ..settings import Settings


@click.group()
def command() -> None:
    """List, show and test checks: built in, plugins, your own."""


@command.command("list", cls=Configured)
@click.option("--family", metavar="NAME", help="Only the checks of this family, the part of the id before the slash.")
@click.option("--search", metavar="TEXT", help="Only checks with this text in the id, the message or what to do.")
@color_option
@suite_option
@settings_options
def list_checks(settings: Settings, family: str | None, search: str | None) -> int:
    """List every check: id, severity in the suite, what is wrong.

    A check that the suite does not run has a dash for its severity. The exit code is 1 if no check fits.

    \b
    Example:
      copydesk checks list --family body
      copydesk checks list --checks house-checks.toml --suite training
    """
    from ..reports.screen import SEVERITY_STYLES, Screen

    checks, severities = _checks_of(settings)
    chosen = [
        check
        for check in checks.values()
        if family in (None, check.id.partition("/")[0])
        and (search is None or search.lower() in f"{check.id} {_message(check)} {check.remedy}".lower())
    ]
    screen = Screen(sys.stdout)
    width = max((len(check.id) for check in chosen), default=0)
    for check in chosen:
        severity = severities.get(check.id, "-")
        style = SEVERITY_STYLES.get(severity, "dim")
        screen.write((f"{check.id:<{width}}", "cyan"), (f"  {severity:<7}", style), f"  {_message(check)}", hanging=4)
    return 0 if chosen else 1


@command.command("show", cls=Configured)
@click.argument("check_id", metavar="ID")
@suite_option
@settings_options
def show_check(settings: Settings, check_id: str) -> int:
    """Show a check: what is wrong, what to do, its examples.

    \b
    Example:
      copydesk checks show body/cut-off
    """
    from ...schemas.errors import SettingError, nearest

    checks, severities = _checks_of(settings)
    if check_id not in checks:
        raise SettingError(f"no check {check_id!r}{nearest(check_id, checks)}", hint="see `copydesk checks list`")
    for line in describe(checks[check_id], severities.get(check_id)):
        click.echo(printable(line))
    return 0


@command.command("test")
@click.argument("names", nargs=-1, metavar="[FILE|DISTRIBUTION]...")
def test_checks(names: tuple[str, ...]) -> int:
    """Run the examples of checks: what fails, and what passes.

    Name files of checks, folders of them, or installed distributions with checks. Without a name, all checks are
    tested. The exit code is 1 if an example does not hold.

    \b
    Example:
      copydesk checks test house-checks.toml
    """
    from ..rule_tools.check_examples import run_check_examples

    tried = run_check_examples(names)
    for failure in tried.failures:
        click.echo(printable(failure))
    click.echo(str(tried), err=True)
    return 1 if tried.failures else 0


def _checks_of(settings: Settings) -> tuple[dict[str, AnyCheck], dict[str, str]]:
    """Return all checks by id, those of the user last, and the severities of the suite."""
    from ...schemas.checks.registry import load_checks

    suite = settings.loaded_suite
    entries = [*suite.columns(), *suite.set_entries]
    checks = {**load_checks(), **{entry.id: entry.check for entry in entries}}
    return checks, {entry.id: entry.severity for entry in entries}


def _message(check: AnyCheck) -> str:
    return check.message.format(**check.parameters)


def describe(check: AnyCheck, severity: str | None = None) -> list[str]:
    """Return the description of a check, line by line. `severity` is that of the suite."""
    from ...schemas.checks.declare import Check

    fails, passes = check.examples if isinstance(check, Check) and check.is_data else ([check.fails], [check.passes])
    in_suite = "" if severity == check.severity else f"; {severity or 'off'} in the suite"
    return [
        f"{check.id}: {_message(check)}",
        f"fields      {', '.join(check.fields)}",
        f"severity    {check.severity}{in_suite}",
        f"what to do  {check.remedy}",
        *(f"parameter   {name} = {value}" for name, value in check.parameters.items()),
        *([f"source      {check.source}"] if check.source else []),
        *(f"fails       {_shorten(example)}" for example in fails),
        *(f"passes      {_shorten(example)}" for example in passes),
    ]


def _shorten(example: object) -> str:
    text = repr(example)
    return text if len(text) <= 300 else f"{text[:299]}…"
