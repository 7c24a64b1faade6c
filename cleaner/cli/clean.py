"""`copydesk clean`."""

from __future__ import annotations

import logging
import sys
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from .exit_codes import INTERRUPTED, NOTHING_WRITTEN
from .interrupts import between_pieces, raising
from .options import (
    Configured,
    color_option,
    date_options,
    dialect_option,
    encoding_option,
    exclude_option,
    format_option,
    lock_options,
    mapping_option,
    max_record_option,
    rules_options,
    spark_options,
    suite_option,
)
from .progress import progress_bar
from .report import report_options

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..api import Cleaner
    from ..runs.run_request import RunRequest
    from ..runs.seen_records import RunDuplicateIndex
    from ..runs.totals import Totals
    from ..settings import Settings

F = TypeVar("F", bound="Callable[..., Any]")


def run_options(function: F) -> F:
    """Add the options of a run that do not depend on the format of its inputs."""
    for decorate in (
        click.option("-v", "--verbose", is_flag=True, help="Name every rule and check in the closing table."),
        click.option("-q", "--quiet", is_flag=True, help="Print no closing table."),
        report_options,
        click.option(
            "--no-progress", is_flag=True, help="Show no progress bar. It is shown only if stderr is a terminal."
        ),
        color_option,
        rules_options,
        dialect_option,
        mapping_option,
        date_options,
        exclude_option,
        max_record_option,
        click.option(
            "--strict-inputs",
            is_flag=True,
            help="Stop at a file that cannot be read or has no text field. By default, it is set aside.",
        ),
        encoding_option,
        suite_option,
        lock_options,
        spark_options,
        click.option(
            "--templates",
            is_flag=True,
            help="Read the input twice, and cut the lines that recur on the documents of one host.",
        ),
        click.option(
            "--resume",
            is_flag=True,
            help="Continue a run that was interrupted or killed. If there is none, begin a new one.",
        ),
        click.option("--workers", default=1, show_default=True, help="Number of processes; 0 for one for each core."),
        click.option(
            "--gx", is_flag=True, help="Validate the run with Great Expectations; see `validation` in summary.json."
        ),
        click.option("--allow-empty", is_flag=True, help="Accept inputs that contain no records."),
        click.option("--overwrite", is_flag=True, help="Replace the results of an earlier run in --out."),
        click.option(
            "--raw-csv", is_flag=True, help="CSV: write cells as they are, even those that begin as formulas."
        ),
        click.option(
            "--columns", metavar="NAMES", help="CSV and JSON Lines: write only these fields, as in headline,url,body."
        ),
        click.option(
            "--names",
            type=click.Choice(["article", "input"]),
            default="article",
            show_default=True,
            help="CSV and JSON Lines: fields of articles, or the records of the input with their texts cleaned.",
        ),
        click.option(
            "--to",
            metavar="FORMAT",
            help="Format of the articles: parquet, jsonl, jsonl.zst, csv or txt.  [default: parquet, or jsonl with -]",
        ),
        click.option(
            "--out",
            required=True,
            type=click.Path(path_type=Path),
            help="Directory for the results, or - to write only the articles, to standard output.",
        ),
    ):
        function = decorate(function)
    return function


@click.command(cls=Configured)
@click.argument("inputs", nargs=-1, required=True, metavar="INPUT...")
@run_options
@format_option
def command(inputs: tuple[str, ...], **options: Any) -> int:
    """Clean files and folders into a directory.

    INPUT is a file of articles (text, JSON, CSV, Parquet and others; text may be packed as .gz, .zst, .bz2 or .xz), a
    folder of such files, a table as sqlite:///FILE::TABLE, duckdb:///FILE::TABLE or postgresql://USER@HOST/NAME::TABLE,
    or - for standard input; see docs/input.md. The directory then holds the articles, edits.parquet (every cut, with
    its rule), quarantine.jsonl (each rejected record as it was read, with all reasons), summary.json and report.html,
    a page that shows what was done. The exit code is 1 if records were rejected.

    \b
    Example:
      copydesk clean dump.jsonl.zst --out cleaned --map body=maintext
      copydesk clean dump.jsonl --to jsonl --out - | jq .headline
      copydesk clean dumps/ --engine spark --master 'local[2,4]' --out cleaned
      copydesk clean "sqlite:///news.db::SELECT * FROM articles WHERE year > 2020" --out cleaned
    """
    return clean_inputs(list(inputs), **options)


def clean_inputs(
    inputs: list[str],
    *,
    kind: str,
    encoding: str | None,
    on_spark: dict[str, Any] | None,
    settings: Settings,
    templates: bool,
    locked: bool,
    lock_file: Path | None,
    no_progress: bool,
    quiet: bool,
    verbose: bool,
    strict_inputs: bool,
    no_report: bool,
    against: Path | None,
    accepted_in: Path | None = None,
    **options: Any,
) -> int:
    """Run `clean` and return its exit code. `options` are those of a `RunRequest`.

    Records that repeat an article which the folder `accepted_in` holds are duplicates.
    """
    from ..runs.run_request import RunInputs, RunRequest, SparkOptions

    options["to"] = options["to"] or ("jsonl" if str(options["out"]) == "-" else "parquet")
    options["columns"] = tuple(filter(None, (name.strip() for name in (options["columns"] or "").split(","))))
    request = RunRequest(
        RunInputs.find(
            inputs,
            kind=kind,
            encoding=encoding,
            exclude=settings.exclusions,
            strict=strict_inputs,
            allow_empty=options["allow_empty"],
        ),
        spark=None if on_spark is None else SparkOptions(**on_spark),
        **options,
    )
    cleaner = _make_cleaner(request, settings, templates=templates)
    if locked:
        from ..rule_tools.lock_diff import require_locked

        require_locked(cleaner.ruleset, lock_file or settings.lock_file)
    write_page = None if no_report or request.is_stream else _plan_report(request, cleaner, against)
    seen = _index_accepted(accepted_in, request, cleaner) if accepted_in is not None else None
    try:
        if request.spark is not None:
            totals = _run_on_spark(request, cleaner)
        elif request.is_stream:
            totals = _stream(request, cleaner, seen)
        else:
            totals = _run_here(request, cleaner, seen, show_progress=not (no_progress or quiet) and sys.stderr.isatty())
    except KeyboardInterrupt as interrupt:
        with suppress(OSError):
            click.echo(_explain_interrupt(interrupt, request), err=True)
        return INTERRUPTED
    page = write_page() if write_page else None
    if not quiet:
        from .closing_table import print_totals

        with suppress(OSError):  # the results are written: a table that nobody can read changes nothing
            out = None if request.is_stream else request.out
            print_totals(totals, out, page, verbose=verbose, summaries=_summarise(cleaner))
    return 1 if totals.quarantined else 0


def _summarise(cleaner: Cleaner) -> dict[str, str]:
    """Return what each rule cuts and what each check finds, by id."""
    rules = {info.id: info.summary for info in cleaner.ruleset.infos.values()}
    return rules | {entry.id: entry.message for entry in cleaner.suite.columns()}


def _plan_report(request: RunRequest, cleaner: Cleaner, against: Path | None) -> Callable[[], Path | None]:
    """Return a function that writes the page of the run and returns its path, None if that fails.

    The figures of the earlier run are read now: they may be in the folder that this run replaces.
    """
    from ...schemas.errors import CopydeskError
    from ..results.report.collect import collect_figures
    from ..results.report.write import write_report

    earlier = collect_figures(against) if against else None

    def write_page() -> Path | None:
        try:
            return write_report(request.out, cleaner.ruleset, earlier=earlier, against=str(against or ""))
        except CopydeskError as error:  # the results are complete
            logging.getLogger("copydesk").warning("no report.html was written: %s", error)
            return None

    return write_page


def _make_cleaner(request: RunRequest, settings: Settings, *, templates: bool) -> Cleaner:
    """Return the cleaner of the settings, with the site templates of the inputs if they are asked for."""
    if not templates:
        return settings.cleaner()
    inputs, mapping = request.inputs, settings.config.map
    if request.spark is not None:
        from ..spark.clean_run import learn_on_spark

        return settings.cleaner(learn_on_spark(inputs, request.spark, mapping=mapping))
    from ..learn_templates import learn_from_files

    return settings.cleaner(learn_from_files(inputs.sources, mapping=mapping, encoding=inputs.encoding))


def _run_on_spark(request: RunRequest, cleaner: Cleaner) -> Totals:
    from ..spark.clean_run import clean_on_spark

    with raising():
        return clean_on_spark(request, cleaner)


def _index_accepted(out: Path, request: RunRequest, cleaner: Cleaner) -> RunDuplicateIndex:
    """Return the index of the articles that a run accepted. On Spark, they cannot be asked for."""
    from ..results.known_articles import index_articles

    if request.spark is not None:
        raise click.UsageError("--engine spark does not know which articles were accepted; leave it out")
    return index_articles(out, cleaner.suite)


def _stream(request: RunRequest, cleaner: Cleaner, seen: RunDuplicateIndex | None) -> Totals:
    from ..runs.stream_run import stream_articles
    from .streams import write_data

    for option, value in (("--resume", request.resume), ("--overwrite", request.overwrite), ("--gx", request.gx)):
        if value:
            raise click.UsageError(f"{option} does not work with --out -: what goes to standard output is not kept")
    with raising():
        return stream_articles(request, cleaner, write_data, seen=seen)


def _run_here(request: RunRequest, cleaner: Cleaner, seen: RunDuplicateIndex | None, *, show_progress: bool) -> Totals:
    from ..runs.clean_run import clean_files

    with ExitStack() as stack:
        advance = stack.enter_context(progress_bar("cleaning", request.inputs.size, shown=show_progress))
        if request.inputs.rereadable:
            advance = stack.enter_context(between_pieces(advance))
        else:  # nothing is kept for --resume, so there is no reason to wait for the end of a piece
            stack.enter_context(raising())
        return clean_files(request, cleaner, progress=advance, seen=seen)


def _explain_interrupt(interrupt: KeyboardInterrupt, request: RunRequest) -> str:
    """Return what an interrupted run has kept, for the user."""
    from ..runs.checkpoints import Interrupted
    from ..runs.pieces import PIECE_BYTES

    if isinstance(interrupt, Interrupted):
        return str(interrupt)
    if request.is_stream:
        return "interrupted: what went to standard output is not kept, so --resume has nothing to continue"
    if request.spark is not None:
        return NOTHING_WRITTEN
    why = "standard input and databases are read only once"
    if request.inputs.rereadable:
        why = f"the first piece, of {PIECE_BYTES >> 20} MiB, was not done"
    return f"{NOTHING_WRITTEN}; --resume has nothing to continue, because {why}"
