"""A record of a run as the page shows it: its text line by line, with each cut in its place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...schemas.decisions import Accept
from ...schemas.messages import printable
from ..reports.html_environment import show_spaces
from ..results.report.segments import describe_change, walk_edits

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from ...schemas.edits import Edit
    from ..results.stored_record import StoredRecord

Part = dict[str, Any]
_MOST = 4_000  # parts of a record that are shown
_LINE = 6_000  # characters of a line that are shown; of a longer one, the ends
_END = 400  # characters of each end of what is shortened


def show_record(record: StoredRecord, summaries: Mapping[str, str], accepted: Collection[tuple[str, str]]) -> Part:
    """Return a record as JSON. `accepted` are the scopes of cuts that were found right.

    A part of the text has its line number in the clean text, from 0. A cut has its number among the edits, those of
    the headline first.
    """
    article = record.article
    origin = article.provenance
    before = len(article.body) + sum(len(edit.before) - len(edit.after) for edit in record.edits.body)
    headline = record.edits.headline
    shown = _Shown(summaries, accepted)
    return {
        "id": _safe(article.id),
        "url": _safe(article.url or ""),
        "host": _safe(record.host),
        "place": _safe(f"{origin.file or ''}{f', line {origin.line}' if origin.line else ''}"),
        "language": _safe(article.language or ""),
        "form": _safe(article.raw.format),
        "headline": _safe(article.headline or ""),
        "before": before,
        "after": len(article.body),
        "flags": [_safe(f"{flag['severity']}: {flag['check']}: {flag['message']}") for flag in article.flags],
        "title": list(shown.parts(article.headline or "", headline, 0)) if headline else [],
        "parts": list(shown.parts(article.body, record.edits.body, len(headline))),
    }


def lines_of(text: str) -> list[str]:
    """Return the lines of a clean text, as the parts of `show_record` number them."""
    return text.split("\n")


class _Shown:
    """Makes the parts of texts."""

    def __init__(self, summaries: Mapping[str, str], accepted: Collection[tuple[str, str]]) -> None:
        self._summaries, self._accepted = summaries, accepted

    def parts(self, clean: str, edits: list[Edit], first: int) -> Iterator[Part]:
        """Yield the parts of a text; `first` is the number of its first edit."""
        count = line = 0
        for number, (start, end, edit) in enumerate(walk_edits(clean, [edit.model_dump() for edit in edits])):
            if count > _MOST:
                yield {"kind": "gap", "characters": len(clean) - start}
                return
            for part in _split(clean[start:end], line):
                count += 1
                yield part
            line += clean.count("\n", start, end)
            if edit is not None:
                count += 1
                yield self._change(edit, first + number)
                line += edit["after"].count("\n")

    def _change(self, edit: Mapping[str, Any], number: int) -> Part:
        change = describe_change(edit)
        has_text = bool(edit["before"].strip())
        return {
            "kind": change.kind,
            "edit": number,
            "rule": edit["rule"],
            "text": _safe(change.text) if change.text.strip() else show_spaces(change.text),
            "after": _safe(change.after),
            "why": _safe(f"{change.characters:,} characters. {self._summaries.get(edit['rule'], '')} {change.detail}"),
            "accepted": has_text and Accept.of(edit["rule"], edit["before"]).scope in self._accepted,
        }


def _split(text: str, line: int) -> Iterator[Part]:
    """Yield the lines of a kept part, with the white space between them. `line` is the number of the first."""
    for number, content in enumerate(text.split("\n"), line):
        if number > line:
            yield {"kind": "space", "text": "\n"}
        if content.strip():
            yield {"kind": "line", "line": number, "text": _safe(_shorten(content))}
        elif content:
            yield {"kind": "space", "text": content}


def _shorten(line: str) -> str:
    if len(line) <= _LINE:
        return line
    return f"{line[:_END]} … ({len(line) - 2 * _END:,} characters) … {line[-_END:]}"


def _safe(text: str) -> str:
    return printable(text, keep="\t\n")
