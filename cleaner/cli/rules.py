"""`copydesk rules`."""

from __future__ import annotations

import sys
from collections import Counter
from typing import TYPE_CHECKING

import click

from ...schemas.messages import counted
from .options import Configured, color_option, rules_options
from .rules_lock import diff, lock
from .rules_new import new
from .rules_review import review
from .rules_stats import stats

if TYPE_CHECKING:
    from ...rules.ruleset.model import Example, RuleInfo
    from ..settings import Settings


@click.group()
def command() -> None:
    """List, show, test, write, lock and compare rules.

    `rules stats` shows what they did in a run.
    """


for _command in (new, review, lock, diff, stats):
    command.add_command(_command)


@command.command("list", cls=Configured)
@click.option("--family", metavar="NAME", help="Only the rules of this family, the part of the id before the slash.")
@click.option("--language", metavar="TAG", help="Only the rules for this language, such as de.")
@click.option("--search", metavar="TEXT", help="Only rules with this text in the id, summary, patterns or examples.")
@color_option
@rules_options
def list_rules(settings: Settings, family: str | None, language: str | None, search: str | None) -> int:
    """List every rule: id, severity, languages, what it removes.

    On a terminal, rules stand below the name of their family. The exit code is 1 if no rule fits.

    \b
    Example:
      copydesk rules list --family sharing --language de
    """
    from ..reports.screen import SEVERITY_STYLES, Screen
    from ..rule_tools.rule_search import find_rules

    infos = find_rules(settings.ruleset(), family=family, language=language, search=search)
    screen = Screen(sys.stdout)
    width = max((len(info.id) for info in infos), default=0)
    families = Counter(info.family for info in infos)
    if screen.is_terminal:
        infos.sort(key=lambda info: info.family)
    for number, info in enumerate(infos):
        if screen.is_terminal and (not number or infos[number - 1].family != info.family):
            screen.write((info.family, "bold"), (f"  {counted(families[info.family], 'rule')}", "dim"))
        screen.write(
            (f"{info.id:<{width}}", "cyan"),
            (f"  {info.severity:<7}", SEVERITY_STYLES[info.severity]),
            f"  {','.join(info.languages):<5}  {info.summary}",
            "  (unsafe)" if info.safety == "unsafe" else "",
            hanging=4,
        )
    return 0 if infos else 1


@command.command("show", cls=Configured)
@click.argument("rule_id", metavar="ID|FAMILY")
@color_option
@rules_options
def show_rule(rule_id: str, settings: Settings) -> int:
    """Show a rule with its patterns and examples, or a family.

    Of a rule: what it matches, where, what it removes and what it keeps. Of a family: each rule with a line that it
    removes.

    \b
    Example:
      copydesk rules show comments/form
      copydesk rules show comments
    """
    from ..reports.screen import Screen
    from ..rule_tools.rule_search import find_rules

    screen, ruleset = Screen(sys.stdout), settings.ruleset()
    of_family = find_rules(ruleset, family=rule_id) if rule_id in {i.family for i in ruleset.infos.values()} else []
    for info in of_family:
        screen.write((info.id, "cyan"), f"  {info.summary}", hanging=4)
        screen.write((f"  {','.join(info.languages)}  removes {_show(info.removes[0])}", "dim"), hanging=4)
    for number, line in enumerate([] if of_family else describe(ruleset.find(rule_id))):
        screen.write((line, "bold" if not number else "" if line.startswith(" ") else "cyan"), hanging=4)
    return 0


@command.command("test")
@click.argument("names", nargs=-1, metavar="[FILE|DISTRIBUTION]...")
@click.option("--profile", default="article", hidden=True)
def test_rules(names: tuple[str, ...], profile: str) -> int:
    """Run the examples of rules in the full ruleset.

    Patterns that explode are looked for as well.

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
