"""`copydesk clean`."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ...schemas.errors import SettingError
from .exit_codes import INTERRUPTED, NOTHING_WRITTEN
from .interrupts import between_pieces, raising
from .options import Configured, input_options, lock_options, rules_options, spark_options
from .progress import progress_bar

if TYPE_CHECKING:
    from ..runs.clean_run import Totals
    from ..settings import Settings


@click.command(cls=Configured)
@click.argument("inputs", nargs=-1, required=True, metavar="INPUT...")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Directory for the results.")
@click.option("--to", default="parquet", show_default=True, help="Format of the articles: parquet, jsonl or jsonl.zst.")
@click.option("--overwrite", is_flag=True, help="Replace the results of an earlier run in --out.")
@click.option("--allow-empty", is_flag=True, help="An input without a record is no error.")
@click.option("--gx", is_flag=True, help="Let Great Expectations judge the run; its verdict goes to summary.json.")
@click.option("--workers", default=1, show_default=True, help="Processes that clean; 0 for one each core.")
@click.option("--resume", is_flag=True, help="Go on with a run that was interrupted or killed.")
@click.option(
    "--templates",
    is_flag=True,
    help="Read the input twice, and cut lines that recur on documents of one host: see the rule corpus/template.",
)
@spark_options
@lock_options
@input_options
@rules_options
@click.option("--no-progress", is_flag=True, help="No progress bar. There is none where stderr is no terminal.")
@click.option("-q", "--quiet", is_flag=True, help="No closing table.")
@click.option("-v", "--verbose", is_flag=True, help="Name every rule and check that had something to say.")
def command(
    inputs: tuple[str, ...],
    out: Path,
    to: str,
    overwrite: bool,
    allow_empty: bool,
    gx: bool,
    workers: int,
    resume: bool,
    templates: bool,
    on_spark: dict[str, Any] | None,
    locked: bool,
    lock_file: Path | None,
    settings: Settings,
    encoding: str | None,
    kind: str,
    no_progress: bool,
    quiet: bool,
    verbose: bool,
) -> int:
    """Clean files and folders into a directory.

    INPUT is a folder, a .txt, .jsonl, .json, .csv, .tsv (all also .gz, .zst, .bz2, .xz), .parquet or .arrow file, a
    table as sqlite:///FILE::TABLE, duckdb:///FILE::TABLE or postgresql://USER@HOST/NAME::TABLE, or - for standard
    input. The directory then holds the articles, edits.parquet (every cut, with its rule), quarantine.jsonl (records
    turned away, as they were, with all reasons) and summary.json. Exit code 1 says that records were turned away.

    \b
    Example:
      copydesk clean dump.jsonl.zst --out cleaned --map body=maintext
      copydesk clean dumps/ --engine spark --master 'local[2,4]' --out cleaned
      copydesk clean "sqlite:///news.db::SELECT * FROM articles WHERE year > 2020" --out cleaned
    """
    from ..readers.discovery import find_sources
    from ..runs.clean_run import Interrupted, clean_files
    from ..runs.output_directory import check_article_format
    from ..runs.pieces import PIECE_BYTES

    check_article_format(to)
    if on_spark is not None:
        _refuse_on_spark({"--to": to != "parquet", "--gx": gx, "--workers": workers != 1, "--resume": resume})
    learned = None
    if templates and on_spark is not None:
        from ..spark.clean_run import learn_on_spark

        session = {name: on_spark[name] for name in ("master", "settings")}
        learned = learn_on_spark(list(inputs), mapping=settings.config.map, kind=kind, encoding=encoding, **session)
    elif templates:
        from ..learn_templates import learn_from_files

        learned = learn_from_files(list(inputs), mapping=settings.config.map, kind=kind, encoding=encoding)
    cleaner = settings.cleaner(learned)
    if locked:
        from ..rule_tools.lock_diff import require_locked

        require_locked(cleaner.ruleset, lock_file or settings.lock_file)
    if on_spark is not None:
        from ..spark.clean_run import clean_on_spark

        try:
            with raising():
                totals = clean_on_spark(
                    list(inputs),
                    out,
                    cleaner,
                    overwrite=overwrite,
                    allow_empty=allow_empty,
                    kind=kind,
                    encoding=encoding,
                    **on_spark,
                )
        except KeyboardInterrupt:
            click.echo(NOTHING_WRITTEN, err=True)
            return INTERRUPTED
        return _close(totals, out, quiet=quiet, verbose=verbose)
    sources = find_sources(list(inputs), kind)
    size = sum(source.size for source in sources)
    shown = not (no_progress or quiet) and sys.stderr.isatty()
    once_only = any(source.path is None for source in sources)  # what cannot be read again is never gone on with
    try:
        with ExitStack() as stack:
            advance = stack.enter_context(progress_bar("cleaning", size, shown=shown))
            if once_only:
                stack.enter_context(raising())
            else:
                advance = stack.enter_context(between_pieces(advance))
            totals = clean_files(
                list(inputs),
                out,
                cleaner,
                to=to,
                overwrite=overwrite,
                allow_empty=allow_empty,
                gx=gx,
                kind=kind,
                encoding=encoding,
                workers=workers,
                resume=resume,
                progress=advance,
            )
    except Interrupted as stopped:
        click.echo(str(stopped), err=True)
        return INTERRUPTED
    except KeyboardInterrupt:
        why = f"the first piece, of {PIECE_BYTES >> 20} MiB, was not done"
        if once_only:
            why = "standard input and databases cannot be gone on with"
        click.echo(f"{NOTHING_WRITTEN}; there is nothing for --resume, since {why}", err=True)
        return INTERRUPTED
    return _close(totals, out, quiet=quiet, verbose=verbose)


def _refuse_on_spark(given: dict[str, bool]) -> None:
    """Raise `SettingError` for an option that a run on Spark does not have."""
    for option in (option for option, is_given in given.items() if is_given):
        raise SettingError(
            f"{option} is not for --engine spark", hint="leave it out; docs/clusters.md says what there is"
        )


def _close(totals: Totals, out: Path, *, quiet: bool, verbose: bool) -> int:
    """Print the closing table; give the exit code."""
    if not quiet:
        _print(totals, out, verbose)
    return 1 if totals.quarantined else 0


def _print(totals: Totals, out: Path, verbose: bool) -> None:
    rows = [
        ("records read", f"{totals.read:,}"),
        ("  accepted", f"{totals.accepted:,}"),
        ("  quarantined", f"{totals.quarantined:,}"),
        ("characters in", f"{totals.characters_in:,}"),
        ("  out", f"{totals.characters_out:,}"),
        ("cuts", f"{sum(totals.edits.values()):,}"),
    ]
    limit = None if verbose else 10
    cuts = totals.edits.most_common(limit)
    rows += [(f"  {rule}", f"{count:,}") for rule, count in cuts]
    if len(totals.edits) > len(cuts):
        rows.append(("  …", f"{len(totals.edits) - len(cuts)} more rules, see summary.json"))
    if totals.rejections:
        rows.append(("reasons for quarantine", ""))
        rows += [(f"  {check}", f"{count:,}") for check, count in totals.rejections.most_common()]
    if verbose and totals.reasons:
        rows.append(("all that checks found", ""))
        rows += [(f"  {check}", f"{count:,}") for check, count in totals.reasons.most_common()]
    if totals.failures:
        rows.append(("records cleaned without a rule of a plugin, because it failed", ""))
        for rule, count in totals.failures.most_common():
            off = totals.switched_off[rule]
            rows.append((f"  {rule}", f"{count:,}" + (f"; switched off for {off:,} of them" if off else "")))
    if totals.seconds and totals.bytes_in >= 1_000_000:  # the time of less is that of the start
        rows.append(("MB of text a second", f"{totals.bytes_in / 1e6 / totals.seconds:,.1f}"))
    width = max(len(name) for name, _ in rows)
    for name, value in rows:
        click.echo(f"{name:<{width}}  {value}".rstrip(), err=True)
    click.echo(f"written to {out}", err=True)
