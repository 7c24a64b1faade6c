"""`copydesk plugins`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from ...schemas.messages import printable

if TYPE_CHECKING:
    from ...schemas.plugins import LoadedPlugin

_SHOWN = 6  # ids in a line of text


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def command(as_json: bool) -> int:
    """List the plugins that are installed.

    They add rules, readers, checks and reporters. The exit code is 1 if one is broken.

    \b
    Example:
      copydesk plugins
    """
    import logging

    from ..plugin_survey import survey_plugins

    # The list shows the broken ones: no warning beside it.
    logging.getLogger("copydesk").setLevel(logging.ERROR)
    plugins = survey_plugins()
    if as_json:
        _print_json(plugins)
    else:
        _print(plugins)
    return 1 if any(loaded.error for loaded in plugins) else 0


def _print(plugins: list[LoadedPlugin[Any]]) -> None:
    if not plugins:
        click.echo("no plugins are installed", err=True)
    rows = [list(map(printable, _row_of(loaded))) for loaded in plugins]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        click.echo("  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip())


def _row_of(loaded: LoadedPlugin[Any]) -> tuple[str, ...]:
    plugin = loaded.plugin
    return f"{plugin.distribution} {plugin.version}", plugin.group, plugin.name, _adds(loaded)


def _adds(loaded: LoadedPlugin[Any]) -> str:
    if loaded.error:
        where = f"{loaded.error.where}: " if loaded.error.where else ""
        return f"BROKEN: {where}{loaded.error.cause}"
    names = list(loaded.adds)
    more = f", and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more


def _print_json(plugins: list[LoadedPlugin[Any]]) -> None:
    import json

    from ...schemas.plugins import API_VERSION

    entries = [
        {
            "distribution": loaded.plugin.distribution,
            "version": loaded.plugin.version,
            "group": loaded.plugin.group,
            "name": loaded.plugin.name,
            "value": loaded.plugin.value,
            "adds": list(loaded.adds),
            "error": str(loaded.error) if loaded.error else None,
        }
        for loaded in plugins
    ]
    click.echo(json.dumps({"api": API_VERSION, "plugins": entries}, indent=1, ensure_ascii=False))
