"""`copydesk baseline`."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ...schemas.messages import counted, printable
from .options import Configured, input_options, rules_options

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...schemas.findings import Finding
    from ..check.baseline import Baseline
    from ..settings import Settings

_file = click.option(
    "--baseline",
    "path",
    type=click.Path(path_type=Path),
    metavar="FILE",
    default=Path(".copydesk-baseline.json"),
    show_default=True,
    help="The baseline file.",
)


@click.group()
def command() -> None:
    """Accept today's findings: `check` then reports new ones only."""


@command.command("create", cls=Configured)
@click.argument("inputs", nargs=-1, required=True, metavar="INPUT...")
@_file
@click.option("--overwrite", is_flag=True, help="Replace an existing baseline.")
@input_options
@rules_options
def create(
    inputs: tuple[str, ...], path: Path, overwrite: bool, settings: Settings, encoding: str | None, kind: str
) -> int:
    """Write all findings to a baseline, whatever their severity.

    A finding is recognised by its rule, its text and its record, so records may move within their files.

    \b
    Example:
      copydesk baseline create data/
      copydesk check data/ --baseline .copydesk-baseline.json
    """
    from ...schemas.errors import OutputError
    from ..check.baseline import Baseline
    from .outputs import protect_inputs

    protect_inputs([path], inputs, settings=settings, kind=kind)
    if path.is_file() and not overwrite:
        raise OutputError("the baseline already exists", where=str(path), hint="add --overwrite, or prune it")
    baseline = Baseline.from_findings(_findings(inputs, settings, encoding, kind))
    baseline.write(path)
    click.echo(f"{counted(sum(entry.count for entry in baseline.entries), 'finding')} written to {path}", err=True)
    return 0


@command.command("prune", cls=Configured)
@click.argument("inputs", nargs=-1, required=True, metavar="INPUT...")
@_file
@input_options
@rules_options
def prune(inputs: tuple[str, ...], path: Path, settings: Settings, encoding: str | None, kind: str) -> int:
    """Remove the findings that no longer occur from the baseline. Nothing is added.

    \b
    Example:
      copydesk baseline prune data/
    """
    from ..check.baseline import Baseline
    from .outputs import protect_inputs

    protect_inputs([path], inputs, settings=settings, kind=kind)
    baseline = Baseline.read(path)
    for finding in _findings(inputs, settings, encoding, kind, baseline):
        baseline.covers(finding)
    pruned = baseline.prune()
    pruned.write(path)
    before, after = (sum(entry.count for entry in version.entries) for version in (baseline, pruned))
    click.echo(f"{counted(before - after, 'finding')} removed, {after:,} left in {path}", err=True)
    return 0


@command.command("show")
@_file
def show(path: Path) -> int:
    """Count the findings of the baseline by rule.

    \b
    Example:
      copydesk baseline show
    """
    from ..check.baseline import Baseline

    counts: Counter[str] = Counter()
    for entry in Baseline.read(path).entries:
        counts[entry.code] += entry.count
    for code, count in counts.most_common():
        click.echo(f"{count:>9,}  {printable(code)}")
    click.echo(f"{counted(counts.total(), 'finding')} in {path}", err=True)
    return 0


def _findings(
    inputs: tuple[str, ...], settings: Settings, encoding: str | None, kind: str, baseline: Baseline | None = None
) -> Iterator[Finding]:
    """Yield all findings that are not suppressed. A baseline learns the names that rules had before."""
    from ..check.checker import Checker
    from ..check.review import Review, Suppressions

    checker = Checker(settings, kind=kind, encoding=encoding)
    if baseline is not None:
        baseline.rename(checker.former)
    review = Review(Suppressions(settings, checker.all_ids, former=checker.former), fail_on="info")
    for findings in checker.check(list(inputs)):
        yield from review.sift(findings)
