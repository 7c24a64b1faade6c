"""`copydesk review`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from .explain import warn
from .options import Configured, rules_options, suite_option
from .undo import renew_report

if TYPE_CHECKING:
    from ..settings import Settings

_RULES = "review.toml"


@click.command(cls=Configured)
@click.argument("out", type=click.Path(path_type=Path))
@click.option(
    "--into", type=click.Path(path_type=Path), metavar="FILE", help="Rule file for new rules.  [default: review.toml]"
)
@click.option("--port", type=click.IntRange(1, 65535), default=8642, show_default=True, help="Port of this machine.")
@click.option("--no-browser", is_flag=True, help="Print the address, and open no browser.")
@rules_options
@suite_option
def command(out: Path, into: Path | None, port: int, no_browser: bool, settings: Settings) -> int:
    """Look at the cuts of a run, and take them back, by key.

    OUT is a folder that `clean` wrote. The page is served to this machine only, at an address with a secret token,
    until you press Ctrl-C. Decisions go into copydesk.decisions.toml. OUT is changed only by an undo, as by
    `copydesk undo`. A junk line becomes a tested rule in a rule file.

    \b
    Example:
      copydesk review cleaned
      copydesk review cleaned --into rules/house.toml --port 9000 --no-browser
    """
    from ..results.folder import open_folder
    from ..review.server import bind, open_browser, require_server, serve
    from ..review.session import ReviewSession
    from ..rule_tools.draft import read_rules

    require_server()
    warn(open_folder(out).warnings)
    file = into or settings.root / _RULES
    read_rules(file)
    session = ReviewSession(out, settings, file)
    address = bind(port)
    if address.is_other:
        click.echo(f"copydesk: port {port} is in use, so the page is at another one", err=True)
    click.echo(address.url)
    click.echo("press Ctrl-C to end the review", err=True)
    if not (no_browser or open_browser(address.url)):
        click.echo("open this address in a browser", err=True)
    try:
        serve(session, address)
    except KeyboardInterrupt:
        pass
    finally:
        address.socket.close()
        session.close()
    if session.undone:
        renew_report(session.folder, settings)
    return 0
