"""`copydesk rules stats`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ...schemas.messages import printable
from .options import Configured, rules_options

if TYPE_CHECKING:
    from ..rule_tools.run_stats import Health, RuleHits
    from ..settings import Settings


@click.command("stats", cls=Configured)
@click.argument("out", type=click.Path(path_type=Path))
@click.option("--against", type=click.Path(path_type=Path), metavar="OUT", help="An earlier run to compare with.")
@click.option(
    "--often",
    type=click.FloatRange(0, 100),
    default=50.0,
    show_default=True,
    metavar="PERCENT",
    help="List rules that cut something in more than this share of the records.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@rules_options
def stats(out: Path, against: Path | None, often: float, as_json: bool, settings: Settings) -> int:
    """Show what each rule did in a run: cuts, records and characters.

    Rules that cut nothing are listed, too. They are tried on their own examples, since another rule may cut those
    first. So are rules that cut in suspiciously many records.

    \b
    Example:
      copydesk rules stats cleaned --against cleaned-last-week
    """
    from ..rule_tools.run_stats import find_shadows, measure

    health = measure(out)
    before = measure(against) if against else None
    ruleset = settings.ruleset()
    if ruleset.digest != health.digest:
        profiles = (
            f" (profile {health.profile}, and {ruleset.profile} here)" if health.profile != ruleset.profile else ""
        )
        hint = "add the --profile, --rules and selection of the run"
        click.echo(f"copydesk: the run had other rules than those of the settings{profiles}; {hint}", err=True)
    if before and before.digest != health.digest:
        click.echo("copydesk: the earlier run had other rules, or another profile", err=True)
    never = health.find_unused(rule for rule in ruleset.infos if rule not in ruleset.off)
    too_often = health.find_frequent(often / 100)
    shadows = find_shadows(ruleset, never)
    if as_json:
        _print_json(health, before, never, shadows, too_often)
        return 0
    _print(health, before)
    for hits in too_often:
        click.echo(printable(f"# cuts in {hits.share:.1%} of the records: {hits.rule}"))
    click.echo(f"# cut nothing: {len(never)} of {len(ruleset.infos) - len(ruleset.off)} rules")
    for rule in never:
        click.echo(f"#   {rule}" + (f": {', '.join(shadows[rule])} cuts its examples first" if rule in shadows else ""))
    return 0


def _print(health: Health, before: Health | None) -> None:
    rules = [*health.hits, *(rule for rule in (before.hits if before else ()) if rule not in health.hits)]
    width = max(map(len, rules), default=4)
    head = f"{'rule':<{width}} {'cuts':>10} {'records':>10} {'share':>7} {'characters':>12}"
    click.echo(head + (f" {'share before':>13}" if before else ""))
    for rule in rules:
        hits = health.hits.get(rule)
        numbers = (hits.edits, hits.records, hits.share, hits.characters) if hits else (0, 0, 0.0, 0)
        line = "{:<{}} {:>10,} {:>10,} {:>7.2%} {:>12,}".format(rule, width, *numbers)
        if before:
            earlier = before.hits.get(rule)
            line += f" {earlier.share if earlier else 0:>13.2%}"
        click.echo(printable(line))


def _print_json(
    health: Health, before: Health | None, never: list[str], shadows: dict[str, list[str]], too_often: list[RuleHits]
) -> None:
    import json
    from dataclasses import asdict

    document = {
        "records": health.accepted,
        "rules": [asdict(hits) for hits in health.hits.values()],
        "never": never,
        "shadowed": shadows,
        "often": [hits.rule for hits in too_often],
        **({"before": [asdict(hits) for hits in before.hits.values()]} if before else {}),
    }
    click.echo(json.dumps(document, indent=1))
