"""Options that several commands have, and the settings that come of them and of the configuration."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from ...schemas.severity import SEVERITIES, Severity

F = TypeVar("F", bound=Callable[..., Any])
# Parameters that overrule a key of the configuration.
_KEYS = {
    "profile": "profile",
    "unsafe": "unsafe",
    "rules": "rules",
    "select": "select",
    "extend_select": "extend-select",
    "ignore": "ignore",
    "suite": "suite",
    "mapping": "map",
    "strict_plugins": "strict-plugins",
}
config_option = click.option(
    "--config",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Settings to use.  [default: the nearest copydesk.toml, or pyproject.toml with [tool.copydesk]]",
)


def fail_on_option(default: Severity, help_text: str) -> Callable[[F], F]:
    """Give the option `--fail-on`."""
    return click.option("--fail-on", type=click.Choice(SEVERITIES), default=default, show_default=True, help=help_text)


class Configured(click.Command):
    """A command that settings apply to: with `--show-settings` it needs no arguments."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the arguments."""
        required = [param for param in self.params if param.required and "--show-settings" in args]
        for param in required:
            param.required = False
        try:
            return super().parse_args(ctx, args)
        finally:
            for param in required:
                param.required = True


def settings_options(function: F) -> F:
    """Add the options of settings, and those that select rules and checks; give the command its `settings`."""

    @functools.wraps(function)
    def configured(*, config: Path | None, isolated: bool, show_settings: bool, **params: Any) -> Any:
        from ..settings import load_settings

        if config and isolated:
            raise click.UsageError("--config and --isolated do not go together")
        given = {_KEYS[name]: params.pop(name) for name in list(params) if name in _KEYS}
        options = {key: value for key, value in given.items() if value not in (None, ())}
        if "map" in options:
            options["map"] = parse_mapping(options["map"])
        settings = load_settings(
            {key: list(value) if isinstance(value, tuple) else value for key, value in options.items()},
            file=config,
            isolated=isolated,
        )
        if show_settings:
            click.echo("\n".join(settings.describe()))
            return 0
        return function(settings=settings, **params)

    decorated: Any = configured
    for decorate in (
        click.option(
            "--strict-plugins/--no-strict-plugins",
            default=None,
            help="A plugin that cannot be used is an error; else it is named and left out: see `copydesk plugins`.",
        ),
        click.option("--show-settings", is_flag=True, help="Print each setting and where it comes from, and stop."),
        click.option("--isolated", is_flag=True, help="Read no file of settings."),
        config_option,
        click.option("--ignore", metavar="ID", multiple=True, help="Leave out a rule, a check or a family of them."),
        click.option("--extend-select", metavar="ID", multiple=True, help="Run this beside what is selected."),
        click.option("--select", metavar="ID", multiple=True, help="Run only this rule, check or family."),
    ):
        decorated = decorate(decorated)
    result: F = decorated
    return result


def rules_options(function: F) -> F:
    """Add the options that choose the rules, and those of settings."""
    decorated = settings_options(function)
    for decorate in (
        click.option("--unsafe/--no-unsafe", default=None, help="Run rules that are marked unsafe, too."),
        click.option(
            "--profile",
            type=click.Choice(["rules", "article", "page", "auto"]),
            help="rules: declared rules only; article: text after an extractor or from a feed; page: text of whole "
            "pages; auto: article or page, decided for each record.  [default: article]",
        ),
        click.option(
            "--rules",
            multiple=True,
            metavar="FILE",
            help="A rule file of your own, or a folder of them, beside the built-in rules. May be repeated.",
        ),
    ):
        decorated = decorate(decorated)
    return decorated


def spark_options(function: F) -> F:
    """Add the options of a run on Spark; give the command them as `on_spark`, None for a run without it."""

    @functools.wraps(function)
    def chosen(
        *, engine: str, master: str | None, conf: tuple[str, ...], partition_by: str | None, **params: Any
    ) -> Any:
        if engine == "spark":
            pairs = [pair.partition("=") for pair in conf]
            if wrong := [name for name, _, value in pairs if not (name and value)]:
                raise click.UsageError(f"--conf {wrong[0]}: give KEY=VALUE")
            settings = {name: value for name, _, value in pairs}
            return function(on_spark={"master": master, "settings": settings, "partition_by": partition_by}, **params)
        for option, value in {"--master": master, "--conf": conf, "--partition-by": partition_by}.items():
            if value:
                raise click.UsageError(f"{option} goes with --engine spark")
        return function(on_spark=None, **params)

    decorated: Any = chosen
    for decorate in (
        click.option("--partition-by", type=click.Choice(["source", "date"]), help="Spark: folders for the articles."),
        click.option("--conf", metavar="KEY=VALUE", multiple=True, help="Spark: a setting of it. May be repeated."),
        click.option(
            "--master", metavar="URL", help="Spark: where it runs.  [default: as it is set up, else local[*]]"
        ),
        click.option(
            "--engine",
            type=click.Choice(["local", "spark"]),
            default="local",
            show_default=True,
            help="What runs the work: processes of this machine, or Spark (an extra): see docs/clusters.md.",
        ),
    ):
        decorated = decorate(decorated)
    result: F = decorated
    return result


def lock_options(function: F) -> F:
    """Add the options that hold a run to a lock."""
    for decorate in (
        click.option("--lock-file", type=click.Path(path_type=Path), help="The lock.  [default: copydesk.lock]"),
        click.option("--locked", is_flag=True, help="Refuse rules that are not those of the lock: see `rules lock`."),
    ):
        function = decorate(function)
    return function


def input_options(function: F) -> F:
    """Add the options that say how inputs are read and judged."""
    suite = click.option(
        "--suite",
        metavar="NAME",
        help="Checks to run: a suite's name, or a .toml file. See `copydesk suite list`.  [default: article]",
    )
    return suite(reading_options(function))


def reading_options(function: F) -> F:
    """Add the options that say how inputs are read."""
    for decorate in (
        click.option(
            "--map",
            "mapping",
            multiple=True,
            metavar="FIELD=NAME",
            help="Read an article field from this input field, as in --map body=maintext. May be repeated.",
        ),
        click.option("--encoding", metavar="NAME", help="Encoding of texts, JSON and CSV.  [default: utf-8]"),
        click.option(
            "--input-format",
            "kind",
            default="auto",
            show_default=True,
            help="auto, text, jsonl, json, csv, parquet or arrow; auto goes by the name, then by the first bytes.",
        ),
    ):
        function = decorate(function)
    return function


def parse_mapping(pairs: tuple[str, ...]) -> dict[str, str]:
    """Give `--map` options as a mapping."""
    from ...schemas.errors import SettingError

    found = {}
    for pair in pairs:
        field, _, name = pair.partition("=")
        if not field or not name:
            raise SettingError(
                f"--map {pair}: not of the form FIELD=NAME", hint="write, for example, --map body=maintext"
            )
        found[field.strip()] = name.strip()
    return found
