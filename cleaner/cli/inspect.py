"""`copydesk inspect`."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import click

from ...schemas.messages import counted, printable
from .options import Configured, exclude_option, input_options, rules_options

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from ..runs.inspection import Inspection
    from ..settings import Settings

_LISTED = 20  # files that are described in text


@click.command(cls=Configured)
@click.argument("inputs", nargs=-1, required=True, metavar="INPUT...")
@click.option(
    "--format",
    "output_format",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="Form of the output.",
)
@input_options
@exclude_option
@rules_options
def command(inputs: tuple[str, ...], output_format: str, settings: Settings, encoding: str | None, kind: str) -> int:
    """Preview what `clean` would make of files and folders.

    Nothing is written.

    For each file: its format, compression, encoding and dialect, which of its fields fill those of the article, the
    languages and forms of its texts, three records, and what would be lost. The first 100 records of each file are
    read and cleaned as `clean` does it. Files of one format and dialect are described together. The exit code is 1 if
    something would be lost.

    \b
    Example:
      copydesk inspect dumps/
      copydesk inspect export.csv --map body=Text --format json
    """
    import json

    from ..readers.discovery import find_sources, warn_of_passed_over
    from ..readers.dispatch import check_encoding
    from ..runs.inspection import inspect_source, merge_alike

    sources = find_sources(list(inputs), kind, exclude=settings.exclusions, strict=False)
    warn_of_passed_over(list(inputs), sources, settings.exclusions)
    cleaner = settings.cleaner()
    looked_at = sources if output_format == "json" else sources[:_LISTED]
    inspections = [inspect_source(source, cleaner, check_encoding(encoding)) for source in looked_at]
    if output_format == "json":
        click.echo(json.dumps([one.as_dict() for one in inspections], ensure_ascii=False, indent=2))
        return exit_code(inspections)
    for one in merge_alike(inspections):
        for line in describe(one):
            click.echo(printable(line))
    if len(sources) > _LISTED:
        kinds = Counter(source.kind for source in sources[_LISTED:])
        click.echo(f"and {counted(len(sources) - _LISTED, 'other file')}: {_list(kinds)}; --format json has all")
    return exit_code(inspections)


def exit_code(inspections: Iterable[Inspection]) -> int:
    """Return 1 if something would be lost, else 0."""
    return 1 if any(one.lost or one.problem for one in inspections) else 0


def describe(one: Inspection) -> Iterator[str]:
    """Yield the description of a file, line by line."""
    details = [one.format, one.compression, one.encoding, one.delimiter, f"{one.bytes:,} bytes" if one.bytes else ""]
    files = f"{one.file} and {counted(one.others, 'file')} like it" if one.others else one.file
    yield f"{files}: {', '.join(filter(None, details))}"
    if one.problem:
        yield f"  problem    {one.problem}"
    if one.dialect:
        yield f"  dialect    {one.dialect} (confidence {one.confidence})"
    if one.fields:
        fields = (target if target == name else f"{target} from {name}" for target, name in one.fields.items())
        yield f"  fields     {', '.join(fields)}"
    if extra := [name for name in one.extra if name != "extra"]:  # readers of the web put the rest under this name
        yield f"  extra      {', '.join(extra)}"
    if one.records:
        which = "all" if one.is_all else "the first"
        yield f"  records    {which} {one.records:,}: {one.accepted:,} accepted, {one.records - one.accepted:,} lost"
    for name, counts in (
        ("lost", one.lost),
        ("unread", one.unread),
        ("languages", one.languages),
        ("forms", one.forms),
        ("edits", one.edits),
    ):
        if counts:
            yield f"  {name:<10} {_list(counts)}"
    for article in one.articles:
        yield f"  - {article['headline'] or '(no headline)'}"
        facts = [article["date_published"], "; ".join(article["authors"]), article["language"], article["url"]]
        yield f"    {' | '.join(str(fact) for fact in facts if fact)}"
        yield f"    {' '.join(article['body'].split())[:100]} ({article['characters']:,} characters)"


def _list(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in counts.items())
