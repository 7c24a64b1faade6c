"""Options that several commands share, and the settings made from them and from the configuration."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from ...schemas.messages import printable
from ...schemas.severity import SEVERITIES, Severity
from .option_groups import Grouped

if TYPE_CHECKING:
    from ..settings import Settings

F = TypeVar("F", bound=Callable[..., Any])
# Parameters that override a key of the configuration.
_KEYS = {
    "profile": "profile",
    "form": "form",
    "keep_markup": "keep-markup",
    "unwrap": "unwrap",
    "unsafe": "unsafe",
    "rules": "rules",
    "select": "select",
    "extend_select": "extend-select",
    "ignore": "ignore",
    "suite": "suite",
    "near_duplicates": "near-duplicates",
    "checks": "checks",
    "mapping": "map",
    "timezone": "timezone",
    "date_order": "date-order",
    "exclude": "exclude",
    "max_record": "max-record",
    "strict_plugins": "strict-plugins",
}
config_option = click.option(
    "--config",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="File with the settings.  [default: the nearest copydesk.toml, or pyproject.toml with [tool.copydesk]]",
)


def suite_option(function: F) -> F:
    """Add the options that choose the checks."""
    for decorate in (
        click.option(
            "--checks",
            multiple=True,
            metavar="FILE",
            help="Your own file of checks, or a folder of them: see docs/own-checks.md. May be repeated.",
        ),
        click.option(
            "--near-duplicates",
            type=click.FloatRange(0, 1),
            metavar="SIMILARITY",
            help="Report bodies that are at least so similar to an earlier one, for example 0.8.  [default: as in the "
            "suite]",
        ),
        click.option(
            "--suite",
            metavar="NAME",
            help="Checks to run: the name of a suite, or a .toml file. See `copydesk suite list`.  [default: article]",
        ),
    ):
        function = decorate(function)
    return function


mapping_option = click.option(
    "--map",
    "mapping",
    multiple=True,
    metavar="FIELD=NAME",
    help="Read an article field from this input field, for example --map body=maintext, or from one within a nested "
    "record, --map body=article.text. May be repeated.",
)
dialect_option = click.option(
    "--from",
    "dialect",
    metavar="DIALECT",
    help="Read the fields as this tool names them, such as newspaper4k or schemaorg.  [default: told by the names]",
)
_timezone_option = click.option(
    "--timezone",
    metavar="ZONE",
    help="Zone of times without one, such as Europe/Berlin or +02:00.  [default: they are read as UTC, and marked]",
)
_day_first_option = click.option(
    "--day-first",
    "date_order",
    flag_value="day-first",
    help="Read 03/04/2024 as 3 April.  [default: other dates of the same file decide]",
)
_month_first_option = click.option(
    "--month-first", "date_order", flag_value="month-first", help="Read 03/04/2024 as 4 March."
)


def date_options(function: F) -> F:
    """Add the options that control how dates are read."""
    return _timezone_option(_day_first_option(_month_first_option(function)))


exclude_option = click.option(
    "--exclude",
    metavar="GLOB",
    multiple=True,
    help="Leave out input files whose path or name fits, for example --exclude '*.stats.json'. May be repeated.",
)
max_record_option = click.option(
    "--max-record",
    metavar="SIZE",
    help="Set aside records that are longer, unpacked, with the reason input/too-large.  [default: 64MiB]",
)
encoding_option = click.option(
    "--encoding", metavar="NAME", help="Encoding of text, JSON and CSV files.  [default: utf-8]"
)
format_option = click.option(
    "--input-format",
    "kind",
    default="auto",
    show_default=True,
    help="Format of the inputs, such as jsonl or csv. auto looks at the name, then at the first bytes.",
)


def _choose_color(_ctx: click.Context, _param: click.Parameter, color: bool | None) -> None:
    """Tell the standard streams whether to write colours."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "color"):
            stream.color = color


color_option = click.option(
    "--color/--no-color",
    default=None,
    expose_value=False,
    callback=_choose_color,
    help="Use colours.  [default: on a terminal, unless NO_COLOR is set]",
)


def fail_on_option(default: Severity, help_text: str) -> Callable[[F], F]:
    """Return the option `--fail-on`."""
    return click.option("--fail-on", type=click.Choice(SEVERITIES), default=default, show_default=True, help=help_text)


class Configured(Grouped):
    """A command with settings. With `--show-settings` it needs no arguments."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the arguments; none is required beside `--show-settings`."""
        required = [param for param in self.params if param.required and "--show-settings" in args]
        for param in required:
            param.required = False
        try:
            return super().parse_args(ctx, args)
        finally:
            for param in required:
                param.required = True


def settings_options(function: F) -> F:
    """Add the options for settings and for the selection of rules and checks. The command gets `settings`."""

    @functools.wraps(function)
    def configured(*, config: Path | None, isolated: bool, show_settings: bool, **params: Any) -> Any:
        from ..readers.batches import limit_records
        from ..settings import load_settings

        if config and isolated:
            raise click.UsageError("use either --config or --isolated, not both")
        values = {_KEYS[name]: params.pop(name) for name in list(params) if name in _KEYS}
        options = {key: value for key, value in values.items() if value not in (None, ())}
        mapping = parse_mapping(options.pop("map", ()), params.pop("dialect", None))
        if mapping:
            options["map"] = mapping
        settings = load_settings(
            {key: list(value) if isinstance(value, tuple) else value for key, value in options.items()},
            file=config,
            isolated=isolated,
        )
        limit_records(settings.max_record)
        if show_settings:
            click.echo("\n".join(settings.describe()))
            return 0
        if not (config or params.get("quiet")):
            announce_settings(settings)
        return function(settings=settings, **params)

    decorated: Any = configured
    for decorate in (
        click.option(
            "--strict-plugins/--no-strict-plugins",
            default=None,
            help="Stop if a plugin is broken. By default, copydesk warns and runs without it: see `copydesk plugins`.",
        ),
        click.option("--show-settings", is_flag=True, help="Print each setting and where it comes from, then exit."),
        click.option("--isolated", is_flag=True, help="Read no settings file."),
        config_option,
        click.option(
            "--ignore", metavar="ID", multiple=True, help="Skip a rule, a check or a family. May be repeated."
        ),
        click.option(
            "--extend-select", metavar="ID", multiple=True, help="Also run this rule, check or family. May be repeated."
        ),
        click.option(
            "--select", metavar="ID", multiple=True, help="Run only this rule, check or family. May be repeated."
        ),
    ):
        decorated = decorate(decorated)
    result: F = decorated
    return result


def announce_settings(settings: Settings) -> None:
    """Print which settings file is used if it lies above the working directory: it may be somebody else's."""
    if settings.file and settings.file.parent != Path.cwd():
        click.echo(f"copydesk: settings from {printable(str(settings.file))}", err=True)


def rules_options(function: F) -> F:
    """Add the options that choose the rules, and the options for settings."""
    decorated = settings_options(function)
    for decorate in (
        click.option("--unsafe/--no-unsafe", default=None, help="Also run rules that are marked unsafe."),
        click.option(
            "--profile",
            type=click.Choice(["rules", "article", "page", "auto"]),
            help="rules: phrase and code rules only; article: text from an extractor or a feed; page: text of whole "
            "pages; auto: article or page, decided for each record.  [default: article]",
        ),
        click.option(
            "--form",
            type=click.Choice(["auto", "text", "flow", "wrapped", "html", "markdown"]),
            help="text: one artifact a line; flow: one long line; wrapped: hard-wrapped lines; html: HTML or a post of "
            "WordPress; markdown; auto: decided for each record.  [default: auto]",
        ),
        click.option(
            "--keep-markup/--no-keep-markup",
            default=None,
            help="Leave HTML and Markdown as they are, and cut boilerplate alone.  [default: Markdown with fenced code "
            "or a table of data]",
        ),
        click.option(
            "--unwrap/--no-unwrap",
            default=None,
            help="Join the lines of hard-wrapped paragraphs. Lists, verse, tables, code and headings keep theirs.",
        ),
        click.option(
            "--rules",
            multiple=True,
            metavar="FILE",
            help="Your own rule file, or a folder of rule files, in addition to the built-in rules. May be repeated.",
        ),
    ):
        decorated = decorate(decorated)
    return decorated


def spark_options(function: F) -> F:
    """Add the options for Spark. The command gets them as `on_spark`, which is None for a local run."""

    @functools.wraps(function)
    def chosen(
        *, engine: str, master: str | None, conf: tuple[str, ...], partition_by: str | None, **params: Any
    ) -> Any:
        if engine == "spark":
            pairs = [pair.partition("=") for pair in conf]
            if wrong := [name for name, _, value in pairs if not (name and value)]:
                raise click.UsageError(f"--conf {wrong[0]}: write it as KEY=VALUE")
            settings = {name: value for name, _, value in pairs}
            return function(on_spark={"master": master, "settings": settings, "partition_by": partition_by}, **params)
        for option, value in {"--master": master, "--conf": conf, "--partition-by": partition_by}.items():
            if value:
                raise click.UsageError(f"{option} works only with --engine spark")
        return function(on_spark=None, **params)

    decorated: Any = chosen
    for decorate in (
        click.option(
            "--partition-by",
            type=click.Choice(["source", "date"]),
            help="Spark: write the articles to one folder for each source or date.",
        ),
        click.option("--conf", metavar="KEY=VALUE", multiple=True, help="Spark: a setting for Spark. May be repeated."),
        click.option(
            "--master",
            metavar="URL",
            help="Spark: the cluster to use.  [default: your Spark configuration, else local[*]]",
        ),
        click.option(
            "--engine",
            type=click.Choice(["local", "spark"]),
            default="local",
            show_default=True,
            help="local: processes on this machine; spark: a Spark cluster (needs an extra, see docs/clusters.md).",
        ),
    ):
        decorated = decorate(decorated)
    result: F = decorated
    return result


def lock_options(function: F) -> F:
    """Add the options that compare the rules with a lock."""
    for decorate in (
        click.option("--lock-file", type=click.Path(path_type=Path), help="The lock file.  [default: copydesk.lock]"),
        click.option(
            "--locked", is_flag=True, help="Stop if the rules differ from the lock: see `copydesk rules lock`."
        ),
    ):
        function = decorate(function)
    return function


def input_options(function: F) -> F:
    """Add the options that control how inputs are read and checked."""
    return suite_option(date_options(max_record_option(reading_options(function))))


def reading_options(function: F) -> F:
    """Add the options that control how inputs are read."""
    for decorate in (dialect_option, mapping_option, encoding_option, format_option):
        function = decorate(function)
    return function


def parse_mapping(pairs: tuple[str, ...], dialect: str | None = None) -> dict[str, str]:
    """Return the values of `--map` and `--from` as a mapping.

    Raises `SettingError` for one without a field or a name.
    """
    from ...schemas.errors import SettingError
    from ...schemas.field_plan import DIALECT

    mapping = {DIALECT: dialect} if dialect else {}
    for pair in pairs:
        field, _, name = pair.partition("=")
        if any("\ud800" <= char <= "\udfff" for char in pair):
            raise SettingError(f"--map {pair}: not a text in UTF-8", hint="name a field of the input")
        if not field or not name:
            raise SettingError(
                f"--map {pair}: not of the form FIELD=NAME", hint="write, for example, --map body=maintext"
            )
        mapping[field.strip()] = name.strip()
    return mapping
