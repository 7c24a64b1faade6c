"""`copydesk explain`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ...schemas.messages import printable
from .options import Configured, color_option, input_options, rules_options

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..settings import Settings

_OF_RUNS = ("record", "rules_cut", "changed", "sample")


@click.command(cls=Configured)
@click.argument("file")
@click.option("--id", "record", metavar="ID", help="Of a run: show the record with this id.")
@click.option(
    "--rule",
    "rules_cut",
    metavar="RULE",
    multiple=True,
    help="Of a run: show records that this rule or family has cut.",
)
@click.option("--changed", is_flag=True, help="Of a run: show records that were changed.")
@click.option("--sample", type=click.IntRange(1), metavar="N", help="Of a run: show N of these records.")
@click.option("--seed", type=click.IntRange(0, 2**63 - 1), default=0, show_default=True, help="Choose another sample.")
@click.option("--format", "output", type=click.Choice(["text", "json"]), default="text", show_default=True)
@input_options
@rules_options
@color_option
def command(
    file: str,
    settings: Settings,
    encoding: str | None,
    kind: str,
    output: str,
    **choice: Any,
) -> int:
    """Show each record before and after, and each cut with its rule.

    FILE is an input, or a folder that `clean` wrote. Of such a folder, the records of that run are shown as it has cut
    them; the input is not needed.

    Lines that are kept begin with two spaces. Lines that are cut begin with "- " and end with the rule. Below lines
    with repaired characters, "~ " shows the repairs. Control characters are shown as escapes such as \\x1b.

    \b
    Example:
      copydesk explain article.txt
      copydesk explain cleaned --id 42
      copydesk explain cleaned --rule related/section --sample 20 --seed 7
    """
    from ..results.folder import is_run_folder
    from ..rule_tools.explain import explain_file

    if is_run_folder(Path(file)):
        return _explain_run(Path(file), settings, output, **choice)
    if any(choice[name] for name in _OF_RUNS) or output != "text":
        raise click.UsageError("--id, --rule, --changed, --sample and --format work with a folder that `clean` wrote")
    print_lines(explain_file(file, settings.cleaner(), kind=kind, encoding=encoding))
    return 0


def _explain_run(
    out: Path,
    settings: Settings,
    output: str,
    *,
    record: str | None,
    rules_cut: tuple[str, ...],
    changed: bool,
    sample: int | None,
    seed: int,
) -> int:
    from ..reports.json_text import write_json
    from ..results.folder import open_folder
    from ..rule_tools.explain_run import Choice, check_rules, describe_records, explain_run

    folder = open_folder(out)
    warn(folder.warnings)
    ruleset = settings.ruleset()
    records = Choice(record, check_rules(rules_cut, ruleset, folder), changed, sample, seed).of(folder)
    if output == "json":
        for described in describe_records(records):
            click.echo(write_json(described))
        return 0
    print_lines(explain_run(records, ruleset))
    return 0


def warn(warnings: Iterable[str]) -> None:
    """Print warnings about a folder."""
    for warning in warnings:
        click.echo(f"copydesk: {printable(warning)}", err=True)


def print_lines(lines: Iterable[tuple[str, bool | None]]) -> None:
    """Print the lines of an explanation: headings bold, what is cut red, repairs yellow, the rules dim."""
    from ..reports.screen import Screen

    screen = Screen(sys.stdout)
    for line, kept in lines:
        text, rule = _split_rule(line) if line[:2] in ("- ", "~ ") else (line, "")
        style = "bold" if kept is None else "red" if kept is False else "yellow" if line.startswith("~ ") else ""
        screen.write((text, style), (rule, "dim"), hanging=2, keep="\t")


def _split_rule(line: str) -> tuple[str, str]:
    """Return the text of a cut, and the rule in brackets at its end.

    >>> _split_rule("- Print  [widgets/word, 83-89]")
    ('- Print', '  [widgets/word, 83-89]')
    """
    at = line.rfind("  [")
    return (line[:at], line[at:]) if at > 0 else (line, "")
