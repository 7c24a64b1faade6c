"""The dress of all HTML pages: one layout, one style, one escaping. A page is one file, without any outside address."""

from __future__ import annotations

import base64
import hashlib
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from ...schemas.messages import counted, printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    import jinja2

_TEMPLATES = "copydesk.cleaner.reports"


@lru_cache(maxsize=1)
def html_environment() -> jinja2.Environment:
    """Return the templates. Values are escaped for HTML, and unsafe characters in them become visible escapes."""
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader(_TEMPLATES, "templates"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
        finalize=_visible,
    )
    environment.filters["number"] = lambda value: f"{value:,}"
    environment.filters["counted"] = counted
    environment.filters["percent"] = percent
    environment.filters["signs"] = show_spaces
    return environment


def render_page(
    template: str, *, script: str = "", styles: Sequence[str] = ("style.css",), connects: bool = False, **values: Any
) -> str:
    """Return a page. Its policy allows its own styles and, by name, one script of the templates; it loads nothing else.

    A browser refuses every other script and style, whatever the data contain. With `connects`, the script may send
    requests to where the page came from.
    """
    from markupsafe import Markup

    policy = Markup(page_policy(styles, script, connects=connects))
    style, code = Markup(_join(styles)), Markup(_read(script) if script else "")
    return html_environment().get_template(template).render(policy=policy, style=style, script=code, **values)


def page_policy(styles: Sequence[str], script: str, *, connects: bool = False) -> str:
    """Return the Content-Security-Policy of a page."""
    parts = ["default-src 'none'", f"style-src {_digest(_join(styles))}", "base-uri 'none'", "form-action 'none'"]
    parts += [f"script-src {_digest(_read(script))}"] if script else []
    parts += ["connect-src 'self'", "require-trusted-types-for 'script'"] if connects else []
    return "; ".join(parts)


def render_part(template: str, **values: Any) -> str:
    """Return a part of a page, for a notebook: it has no style but that of the notebook."""
    return html_environment().get_template(template).render(**values)


def _join(styles: Sequence[str]) -> str:
    return "".join(map(_read, styles))


@lru_cache(maxsize=8)
def _read(name: str) -> str:
    return (files(_TEMPLATES) / "templates" / name).read_text("utf-8")


def _digest(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _visible(value: object) -> object:
    """Return a value with visible escapes for unsafe characters. Text of the template itself stays as it is."""
    return printable(value, keep="\t\n") if type(value) is str else value


def percent(share: float) -> str:
    """Return a share in percent. A small share is not shown as 0.

    >>> percent(0.25), percent(0.00002), percent(0)
    ('25.0 %', '<0.1 %', '0 %')
    """
    if not share:
        return "0 %"
    return "<0.1 %" if share < 0.001 else f"{100 * share:.1f} %"


def show_spaces(text: str) -> str:
    r"""Return a text of white space as signs that can be seen.

    >>> show_spaces(" \n\t")
    '␣⏎⇥'
    """
    return text.translate({0x20: "␣", 0x0A: "⏎", 0x09: "⇥"})
