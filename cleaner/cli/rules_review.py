"""`copydesk rules review`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from .options import Configured, reading_options, settings_options

if TYPE_CHECKING:
    from ...rules.ruleset.model import PhraseRule
    from ..rule_tools.review import Review
    from ..settings import Settings

_KEYS = {"a": "accept", "e": "edit", "d": "drop", "s": "skip", "q": "quit"}
_SHOWN = 5  # hits


@click.command("review", cls=Configured)
@click.argument("candidates", type=click.Path(path_type=Path), metavar="FILE")
@click.option(
    "--into", type=click.Path(path_type=Path), help="Rule file for accepted rules.  [default: FILE.accepted.toml]"
)
@click.option("--on", multiple=True, metavar="INPUT", help="File with records, to show what each rule cuts there.")
@reading_options
@settings_options
def review(
    candidates: Path, into: Path | None, on: tuple[str, ...], settings: Settings, encoding: str | None, kind: str
) -> int:
    """Accept, edit or drop each rule of a file.

    Such a file comes from `copydesk mine`.

    An accepted rule moves to another file, after its examples were tested. A dropped one is deleted. Each decision is
    saved at once: after `quit`, the file has the rules that are left.

    \b
    Example:
      copydesk mine dump.jsonl.zst --out candidates.toml
      copydesk rules review candidates.toml --on dump.jsonl.zst --into rules/mined.toml
    """
    from ...schemas.messages import counted
    from ..rule_tools.review import Review
    from ..rule_tools.rule_hits import find_hits

    into = into or candidates.with_suffix(".accepted.toml")
    work = Review(candidates, into)
    hits = find_hits(candidates, on, mapping=settings.config.map, kind=kind, encoding=encoding) if on else {}
    decisions: dict[str, int] = {}
    for number, rule in enumerate(list(work.rules), 1):
        _show(rule, hits.get(rule.id, []), f"{number} of {len(work.rules)}", tried=bool(on))
        decision = _ask(work, rule)
        if decision == "quit":
            break
        decisions[decision] = decisions.get(decision, 0) + 1
    done = ", ".join(f"{count} {name}" for name, count in sorted(decisions.items())) or "no decision"
    click.echo(f"{done}; {counted(work.left, 'rule')} left in {candidates}", err=True)
    return 0


def _ask(work: Review, rule: PhraseRule) -> str:
    """Ask until there is a decision that can be carried out, and carry it out. Return it as a past participle."""
    from ...schemas.errors import RuleError
    from ...schemas.messages import printable

    choices = ", ".join(f"({key}){name[1:]}" for key, name in _KEYS.items())
    while True:
        key = click.prompt(choices, type=click.Choice([*_KEYS]), show_choices=False, default="s", show_default=False)
        if key == "q":
            return "quit"
        if key == "s":
            return "skipped"
        if key == "d":
            work.drop(rule.id)
            return "dropped"
        text = work.text_of(rule.id)
        if key == "e":
            text = click.edit(text, extension=".toml") or text
        try:
            failures = work.accept(rule.id, text)
        except RuleError as error:
            failures = [str(error)]
        if not failures:
            return "accepted"
        for failure in failures:
            click.echo(printable(f"not accepted: {failure}"))


def _show(rule: PhraseRule, hits: list[str], place: str, *, tried: bool) -> None:
    from ...schemas.messages import counted, printable

    click.echo(printable(f"\n{rule.id}  ({place})  {rule.summary}"))
    facts = [rule.where, ", ".join(rule.languages), *([f"only on {', '.join(rule.hosts)}"] if rule.hosts else [])]
    click.echo(printable(f"  {'; '.join(facts)}"))
    for name, lines in (("match", rule.match), ("removes", rule.removes), ("keeps", rule.keeps)):
        for line in lines:
            click.echo(printable(f"  {name:<8}{str(line)[:160]}"))
    if tried:
        click.echo(f"  {counted(len(hits), 'hit')} in the records")
    for hit in hits[:_SHOWN]:
        click.echo("\n".join(printable(f"    {line[:160]}") for line in hit.split("\n")))
