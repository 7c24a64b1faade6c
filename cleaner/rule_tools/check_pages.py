"""The pages of the checks: one for each family and an index, made from what the checks and suites declare."""

from __future__ import annotations

import inspect
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ...schemas.checks.declare import SetCheck
from ...schemas.checks.registry import load_builtin_checks
from ...schemas.checks.suites import builtin_suites, find_suite

if TYPE_CHECKING:
    from ...schemas.checks.declare import AnyCheck, Example
    from ...schemas.checks.suites import SuiteCheck

NOTE = "<!-- made by docs/make.py from the checks: change those -->"
MAX_TEXT = 400  # code points of a text in an example
MAX_RECORDS = 2  # of an example

Suites = Mapping[str, Mapping[str, "SuiteCheck"]]
"""The entries of each built-in suite by check id."""


def render_check_pages() -> dict[str, str]:
    """Return the pages in Markdown by file name."""
    suites = {name: entries for name in builtin_suites() if (entries := _entries_of(name))}
    families: dict[str, list[AnyCheck]] = {}
    for check in load_builtin_checks().values():
        families.setdefault(check.id.split("/")[0], []).append(check)
    pages = {f"{family}.md": _render_family(family, checks, suites) for family, checks in sorted(families.items())}
    return pages | {"index.md": _render_index(dict(sorted(families.items())), suites)}


def _entries_of(name: str) -> dict[str, SuiteCheck]:
    suite = find_suite(name)
    return {entry.id: entry for entry in (*suite.entries, *suite.set_entries)}


def _render_index(families: Mapping[str, list[AnyCheck]], suites: Suites) -> str:
    count = sum(map(len, families.values()))
    lines = [NOTE, "", "# Checks", "", f"{count} checks in {len(families)} families.", ""]
    lines += [f"| check | {' | '.join(suites)} | message |", f"|---{'|---' * len(suites)}|---|"]
    for family, checks in families.items():
        for check in checks:
            cells = [entries[check.id].severity if check.id in entries else "" for entries in suites.values()]
            link = f"[{check.id}]({family}.md#{check.id.replace('/', '')})"
            lines.append(f"| {link} | {' | '.join(cells)} | {_message(check)} |")
    return "\n".join(lines) + "\n"


def _message(check: AnyCheck) -> str:
    return check.message.format(**check.parameters)


def _render_family(family: str, checks: list[AnyCheck], suites: Suites) -> str:
    return "\n".join(
        [NOTE, "", f"# {family}", "", *(line for check in checks for line in _render_check(check, suites))]
    )


def _render_check(check: AnyCheck, suites: Suites) -> list[str]:
    function = check.find if isinstance(check, SetCheck) else check.flag
    facts = [
        ("message", _message(check)),
        ("what to do", check.remedy),
        ("fields", ", ".join(f"`{name}`" for name in check.fields)),
        ("severity", check.severity),
        ("suites", _severities(check, suites)),
    ]
    if isinstance(check, SetCheck):
        earlier = " and an earlier profile (`validate --against`)" if check.against else ""
        facts.append(("looks at", f"the profile of the whole set{earlier}"))
    facts += [(f"parameter `{name}`", _parameter(check, name, suites)) for name in check.parameters]
    facts += [("source", check.source)] if check.source else []
    description = inspect.cleandoc(function.__doc__ or "")
    lines = [f"## {check.id}", "", description, "", *(f"- {name}: {value}" for name, value in facts), ""]
    for heading, example in (("Fails:", check.fails), ("Passes:", check.passes)):
        lines += [heading, "", *_render_example(example), ""]
    return lines


def _severities(check: AnyCheck, suites: Suites) -> str:
    severities = [f"`{name}` ({entries[check.id].severity})" for name, entries in suites.items() if check.id in entries]
    return ", ".join(severities) or "none"


def _parameter(check: AnyCheck, name: str, suites: Suites) -> str:
    default = check.parameters[name]
    others = [
        f"{_as_json(entries[check.id].parameters[name])} in `{suite}`"
        for suite, entries in suites.items()
        if check.id in entries and entries[check.id].parameters[name] != default
    ]
    return ", ".join([_as_json(default), *others])


def _render_example(example: Example) -> list[str]:
    """Return the records of an example as lines of JSON, with long texts and long lists shortened."""
    records = [example] if isinstance(example, Mapping) else list(example)
    lines = [f"    {_as_json(_shorten(record))}" for record in records[:MAX_RECORDS]]
    if len(records) > MAX_RECORDS:
        lines.append(f"    … ({len(records)} records)")
    return lines or ["    (no record)"]


def _shorten(record: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: f"{value[:MAX_TEXT]}… ({len(value):,} characters)"
        if isinstance(value, str) and len(value) > MAX_TEXT
        else value
        for name, value in record.items()
    }


def _as_json(value: Any) -> str:
    r"""Return a value as JSON, with characters that cannot be seen escaped.

    >>> print(_as_json({"text": "a\u00a0b\u200b, é"}))
    {"text": "a\u00a0b\u200b, é"}
    """
    text = json.dumps(value, ensure_ascii=False)
    return "".join(char if char.isprintable() else json.dumps(char)[1:-1] for char in text)
