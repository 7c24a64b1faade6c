"""`copydesk rules`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from .options import Configured, rules_options
from .rules_lock import diff, lock
from .rules_new import new
from .rules_stats import stats

if TYPE_CHECKING:
    from ...rules.ruleset.model import Example, RuleInfo
    from ..settings import Settings


@click.group()
def command() -> None:
    """List, show, test, write, lock and compare rules, and show what they did in a run."""


for _command in (new, lock, diff, stats):
    command.add_command(_command)


@command.command("list", cls=Configured)
@rules_options
def list_rules(settings: Settings) -> int:
    """List every rule: id, severity, languages, what it removes.

    \b
    Example:
      copydesk rules list
    """
    from ...schemas.messages import printable

    infos = settings.ruleset().infos
    width = max(len(rule_id) for rule_id in infos)
    for info in infos.values():
        mark = "  (unsafe)" if info.safety == "unsafe" else ""
        line = f"{info.id:<{width}}  {info.severity:<7}  {','.join(info.languages):<5}  {info.summary}{mark}"
        click.echo(printable(line))
    return 0


@command.command("show", cls=Configured)
@click.argument("rule_id", metavar="ID")
@rules_options
def show_rule(rule_id: str, settings: Settings) -> int:
    """Show one rule: what it matches, where, what it removes and what it keeps.

    \b
    Example:
      copydesk rules show comments/form
    """
    from ...schemas.messages import printable

    for line in describe(settings.ruleset().find(rule_id)):
        click.echo(printable(line))
    return 0


@command.command("test")
@click.argument("names", nargs=-1, metavar="[FILE|DISTRIBUTION]...")
@click.option("--profile", default="article", hidden=True)
def test_rules(names: tuple[str, ...], profile: str) -> int:
    """Run the examples of rules in the full ruleset, and look for patterns that explode.

    Name rule files, or installed distributions with rules. Without a name, all rules are tested. The exit code is 1 if
    an example fails or a pattern explodes.

    \b
    Example:
      copydesk rules test my-rules.toml
    """
    from ...schemas.messages import printable
    from ..rule_tools.examples import run_examples

    tried = run_examples(names, profile=profile)
    for failure in (*tried.failures, *tried.explosions):
        click.echo(printable(failure))
    click.echo(str(tried), err=True)
    return 0 if tried.success else 1


def describe(info: RuleInfo) -> list[str]:
    """Return the description of a rule, line by line."""
    from ...rules.ruleset.measures import measures
    from ...rules.ruleset.model import PhraseRule

    lines = [info.id, f"  {info.summary}"]
    lines += [f"  {info.why}"] if info.why else []
    lines += [
        "",
        f"languages  {', '.join(info.languages)}",
        f"severity   {info.severity}",
        f"safety     {info.safety}",
    ]
    lines += [f"since      {info.since}"]
    lines += [f"seen       {info.seen}"] if info.seen else []
    lines += [f"measured   {measures()[info.id]}"] if info.id in measures() else []
    if isinstance(info, PhraseRule):
        run = f", at least {info.min_run} lines together" if info.min_run > 1 else ""
        lines += [
            f"where      {info.where}{run}",
            *([f"ends       {info.ends}"] if info.ends != "any" else []),
            *([f"hosts      {', '.join(info.hosts)}"] if info.hosts else []),
            "matches",
        ]
        lines += [f"  {pattern}" for pattern in info.match]
        lines += ["unless", *(f"  {pattern}" for pattern in info.unless)] if info.unless else []
    lines += ["removes", *(f"  {_show(example)}" for example in info.removes)]
    lines += ["keeps", *(f"  {_show(example)}" for example in info.keeps)]
    return lines


def _show(example: Example) -> str:
    if isinstance(example, str):
        return example
    title = f"[headline: {example.title}] " if example.title else ""
    return f"{title}{example.before!r} -> {example.after!r}"
