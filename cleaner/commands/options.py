"""Options that several commands have."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])


def rules_options(function: F) -> F:
    """Add the options that choose the rules."""
    for decorate in (
        click.option("--unsafe", is_flag=True, help="Run rules that are marked unsafe, too."),
        click.option(
            "--profile",
            type=click.Choice(["rules", "article", "page", "auto"]),
            default="article",
            show_default=True,
            help="rules: declared rules only; article: text after an extractor or from a feed; page: text of whole "
            "pages; auto: article or page, decided for each record.",
        ),
        click.option(
            "--rules",
            "rule_files",
            multiple=True,
            metavar="FILE",
            type=click.Path(path_type=Path),
            help="A rule file of your own, beside the built-in rules. May be repeated.",
        ),
    ):
        function = decorate(function)
    return function


def input_options(function: F) -> F:
    """Add the options that say how inputs are read and judged."""
    suite = click.option(
        "--suite",
        default="article",
        show_default=True,
        help="Checks to run: a suite's name, or a .toml file. See `copydesk suite list`.",
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
            "--format",
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
                f"--map {pair}: not of the form FIELD=NAME", do="write, for example, --map body=maintext"
            )
        found[field.strip()] = name.strip()
    return found
