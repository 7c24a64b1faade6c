r"""Front matter: the fields that stand before a text of Markdown, between lines of `---` (YAML) or `+++` (TOML).

>>> text = "---\ntitle: Rain\ntags: [weather, river]\n---\nIt rained."
>>> text[find_front_matter(text):]
'It rained.'
>>> read_front_matter(text)
{'title': 'Rain', 'tags': ['weather', 'river']}
"""

from __future__ import annotations

import re
import sys
from typing import Any

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

MAX_SIZE = 64_000  # characters; a longer block is no front matter
_BLOCK = re.compile(
    r"""
    \ufeff? (?P<fence>---|\+\+\+) [ \t]* (?:\r\n|\n|\r)
    (?P<fields> (?: (?!---|\+\+\+|\.\.\.) [^\r\n]* (?:\r\n|\n|\r) )*? )
    (?: (?P=fence) | \.\.\. ) [ \t]* (?:\r\n|\n|\r|\Z)
    """,
    re.VERBOSE,
)
_FIELD = re.compile(r"(?P<name>[A-Za-z_][\w. -]{0,60}?)\s*(?P<sign>[:=])(?:\s+(?P<value>.*)|$)")
_ITEM = re.compile(r"\s*-\s+(?P<value>.*)")
_IN_BRACKETS = re.compile(r"""\s*(?:"(?P<double>[^"]*)"|'(?P<single>[^']*)'|(?P<plain>[^,"']+))\s*(?:,|$)""")


def find_front_matter(text: str) -> int:
    """Return where the text behind the front matter begins, in code points; 0 if there is none."""
    match = _match(text)
    return match.end() if match else 0


def read_front_matter(text: str) -> dict[str, Any]:
    """Return the fields of the front matter: text, numbers, dates as text, and lists of text."""
    match = _match(text)
    if match is None:
        return {}
    if match["fence"] == "+++":
        try:
            return dict(tomllib.loads(match["fields"].replace("\r\n", "\n").replace("\r", "\n")))
        except tomllib.TOMLDecodeError:
            return {}
    return _read_yaml(match["fields"].splitlines())


def _match(text: str) -> re.Match[str] | None:
    if not text.startswith(("---", "+++", "\ufeff---", "\ufeff+++")):
        return None
    match = _BLOCK.match(text, 0, MAX_SIZE)
    if match is None:
        return None
    lines = [line for line in match["fields"].splitlines() if line.strip() and not line.startswith("#")]
    named = sum(_FIELD.match(line) is not None for line in lines)
    inner = sum(line[0] in " \t-]}['\"" or _ITEM.match(line) is not None for line in lines)
    return match if named and (named + inner == len(lines) or match["fence"] == "+++") else None


def _read_yaml(lines: list[str]) -> dict[str, Any]:
    """Read the part of YAML that front matter is written in: names with text, lists and folded text below them."""
    fields: dict[str, Any] = {}
    name = ""
    for line in lines:
        match = _FIELD.match(line)
        item = _ITEM.match(line)
        if match:
            name = match["name"].strip()
            fields[name] = _value(match["value"] or "")
        elif item and name:
            if not isinstance(fields[name], list):
                fields[name] = []
            fields[name].append(_value(item["value"]))
        elif name and line[:1] in " \t" and isinstance(fields[name], str):
            before = "" if fields[name] in ("|", ">", "|-", ">-", "|+", ">+") else fields[name]
            fields[name] = f"{before} {line.strip()}".strip()
    return {name: value for name, value in fields.items() if value not in ("", [], "null", "~")}


def _value(written: str) -> Any:
    """Return a value without quotes, remarks and brackets."""
    written = written.strip()
    if written[:1] in ("'", '"'):
        end = written.find(written[0], 1)
        return written[1:end] if end > 0 else written
    if written.startswith("[") and written.endswith("]"):
        items = (match["double"] or match["single"] or match["plain"] for match in _IN_BRACKETS.finditer(written[1:-1]))
        return [item.strip() for item in items if item and item.strip()]
    return written.split(" #")[0].rstrip()
