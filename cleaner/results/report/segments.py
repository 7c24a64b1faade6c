"""A raw text as segments for the page: what is kept, and each change in its place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .data import Segment

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_KEPT = 420  # characters of a kept part that are shown; of a longer one, the ends
_CUT = 700  # characters of a cut that are shown
_END = 180  # characters of each end of what is shortened
_CHANGES = 80  # changes of one record that are shown
_REPAIRED = 40  # characters of a change that is shown as one character for another


def make_segments(clean: str, edits: list[dict[str, Any]]) -> tuple[Segment, ...]:
    """Return the segments of the raw text that `edits` of the body made into `clean`.

    Long parts are shortened, and what follows the first `_CHANGES` changes is one gap. So a text of any length makes
    a bounded number of characters. Raises `ValueError` for edits that do not fit the text.
    """
    segments: list[Segment] = []
    for number, (start, end, edit) in enumerate(walk_edits(clean, edits)):
        if number == _CHANGES < len(edits):
            segments.append(Segment("gap", characters=len(clean) - start))
            break
        segments += _shorten(clean[start:end])
        if edit is not None:
            segments.append(describe_change(edit))
    return tuple(segments)


def walk_edits(clean: str, edits: Sequence[Mapping[str, Any]]) -> Iterator[tuple[int, int, Mapping[str, Any] | None]]:
    """Yield the bounds of each kept part of a clean text, with the edit that follows it, None for the last part.

    Raises `ValueError` for edits that do not fit the text.
    """
    position = raw_position = 0
    for edit in edits:
        start = position + edit["start"] - raw_position
        if start < position or clean[start : start + len(edit["after"])] != edit["after"]:
            raise ValueError("the edits do not fit the text")
        yield position, start, edit
        position, raw_position = start + len(edit["after"]), edit["end"]
    yield position, len(clean), None


def describe_change(edit: Mapping[str, Any]) -> Segment:
    """Return an edit as a segment. It is a repair if it leaves text, or replaces a few spaces."""
    before, after = edit["before"], edit["after"]
    is_repair = bool(after.strip()) or (len(before) <= _REPAIRED and not before.strip())
    shown = before if len(before) <= _CUT else f"{before[:_END]} … {before[-_END:]}"
    return Segment(
        "repair" if is_repair else "cut",
        shown,
        after if len(after) <= _CUT else f"{after[:_END]} … {after[-_END:]}",
        edit["rule"],
        edit["detail"] or "",
        len(before),
    )


def _shorten(text: str) -> Iterator[Segment]:
    if len(text) <= _KEPT:
        if text:
            yield Segment("keep", text)
        return
    first, last = text[:_END], text[-_END:]
    if (space := first.rfind(" ")) > _END // 2:  # between words, where the script has spaces
        first = first[: space + 1]
    if 0 <= (space := last.find(" ")) < _END // 2:
        last = last[space:]
    yield Segment("keep", first)
    yield Segment("gap", characters=len(text) - len(first) - len(last))
    yield Segment("keep", last)
