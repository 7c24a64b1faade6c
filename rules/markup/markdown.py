r"""Take the markup off a text that is Markdown: CommonMark with tables, footnotes, task lists and front matter.

pulldown-cmark reads the text and says where each piece of visible text stands, in time linear in the length. What lies
between two such pieces is markup. It goes, and leaves of the line ends around it those that part the pieces.

Code keeps its marks: a fenced block stays as it is, and so do backticks around characters that may be markup.

>>> strip_markdown("# Rain\n\n- It *rained* all [day](/rain).\n- `x` was wet.")
'Rain\n\nIt rained all day.\nx was wet.'
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any, NamedTuple, cast

import numpy as np
import pyromark

from ..ruleset.page import MarkedText, Replacement
from .front_matter import find_front_matter
from .gaps import CELL, LINE, NOTHING, PARAGRAPH, SEPARATORS, SPACE, are_glued
from .html import HIDDEN_CONTENT, REFERENCE, TAG, Token, find_tokens
from .loose_marks import find_loose_marks
from .tables import split_overfull

MARK, LINK, FRONT_MATTER = "markup/markdown", "markup/link", "markup/front-matter"
_RULES = ("", MARK, TAG, HIDDEN_CONTENT, LINK, FRONT_MATTER)  # a gap is told by the last of those that are in it
_OPTIONS = pyromark.Options
_PARSER = pyromark.Markdown(
    options=_OPTIONS.ENABLE_TABLES
    | _OPTIONS.ENABLE_STRIKETHROUGH
    | _OPTIONS.ENABLE_FOOTNOTES
    | _OPTIONS.ENABLE_TASKLISTS
)
_STRENGTHS = {
    **dict.fromkeys(("Emphasis", "Strong", "Strikethrough", "Link", "Image"), NOTHING),
    **dict.fromkeys(("Item", "TableHead", "TableRow"), LINE),
    "TableCell": CELL,
}  # all others part paragraphs
_ELEMENTS = {
    "Paragraph": "p",
    "BlockQuote": "blockquote",
    "List": "ul",
    "Item": "li",
    "Table": "table",
    "TableHead": "tr",
    "TableRow": "tr",
    "TableCell": "td",
    "CodeBlock": "pre",
    "Link": "a",
}
_WHITE = b" \t\n\r"
_INDENT = re.compile(rb"[ \t]+")
_LINE_END = re.compile(rb"\r\n?|\n")
_NUMBER = re.compile(rb"[0-9]{1,9}[.)](?:[ \t]+(?=[^\s]))?")
_NAMED_TAG = re.compile(rb"\s<(?!br|hr|p>)[a-z][a-z0-9]*> [a-z]")
_SPECIAL = re.compile("[<>&*_\\[\\]#`~|\\\\]")  # characters that may be markup once the backticks are gone
_DEFINITION = re.compile(rb"^[ >]*\[(?!\^)[^\]\n]*\]:[ \t]*(?P<target>[^\s]*)[^\n\r]*", re.MULTILINE)
_ADDRESS = re.compile(rb"<|#|/|\.\w|[a-z][a-z0-9+.-]+:", re.IGNORECASE)


def strip_markdown(text: str) -> str:
    """Return a text without its markup."""
    pieces, at = [], 0
    for found in read_markdown(text).replacements:
        pieces += [text[at : found.start], found.after]
        at = found.end
    return "".join([*pieces, text[at:]])


def read_markdown(text: str) -> MarkedText:
    """Read a text of Markdown."""
    reader = _Reader(text)
    marked = reader.read()
    gone = [(new.start, new.end) for new in marked.replacements if not text[new.start : new.end].isspace()]
    loose = find_loose_marks(_blank(text, gone, reader.fixed, "\0"))
    if not loose:
        return marked
    # read it once more without them: what is left may be headings, items or emphasis
    marked = _Reader(_blank(text, loose, [], " ")).read()
    return replace(marked, replacements=_add_cuts(marked.replacements, loose))


def _level_of(heading: Any) -> str:
    """Return the level of a heading, from the event that begins or ends it."""
    value = heading["Heading"]
    level: str = value if isinstance(value, str) else value["level"]
    return level[-1]


def _blank(text: str, spans: list[tuple[int, int]], more: list[tuple[int, int]], filler: str) -> str:
    """Return a text of the same length with a filler in some spans."""
    pieces, at = [], 0
    for start, end in sorted([*spans, *more]):
        if end > at:
            pieces += [text[at:start], filler * (end - max(start, at))]
            at = end
    return "".join([*pieces, text[at:]])


def _add_cuts(replacements: list[Replacement], spans: list[tuple[int, int]]) -> list[Replacement]:
    """Add spans to cut, without what is replaced already."""
    cuts = []
    index = 0
    for start, end in spans:
        while index < len(replacements) and replacements[index].end <= start:
            index += 1
        at, later = start, index
        while later < len(replacements) and replacements[later].start < end:
            if at < replacements[later].start:
                cuts.append(Replacement(at, replacements[later].start, "", LINK))
            at, later = max(at, replacements[later].end), later + 1
        if at < end:
            cuts.append(Replacement(at, end, "", LINK))
    return sorted([*replacements, *cuts], key=lambda new: new.start)


class Mark(NamedTuple):
    """Where an element begins or ends, in bytes at first; see `Tag`."""

    start: int
    end: int
    name: str
    closes: bool


class _Reader:
    """Goes through a text, and collects what is to be replaced between its pieces of visible text, in bytes."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._data = text.encode()
        self._found: list[tuple[int, int, str, str]] = []
        self._elements: list[tuple[int, int]] = []
        self._code: list[tuple[int, int]] = []
        self._headings: list[list[str]] = []
        self._tags: list[Mark] = []
        self._gap = 0  # where the visible text before ends
        self._strength = NOTHING
        self._rule = 0
        self._loose = False  # whether markup in the gap does not belong into the middle of a word
        self._in_heading = False
        self._items = 0  # open ones
        self._hidden = 0  # open pictures: their text is no text of the page
        self._verbatim = 0  # end of the block of code that was shown as it is
        self.fixed: list[tuple[int, int]] = []
        """Code, in which no mark is a loose one; places in code points, once all is read."""

    def read(self) -> MarkedText:
        """Read the whole text."""
        begin = find_front_matter(self._text)
        offset = len(self._text[:begin].encode())
        if begin:
            self._ask(PARAGRAPH, FRONT_MATTER)
        for event, place in _PARSER.events_with_range(split_overfull(self._text[begin:] if begin else self._text)):
            start, end = place["start"] + offset, place["end"] + offset
            if start < self._verbatim:
                continue
            if isinstance(event, str):
                self._ask(PARAGRAPH if event == "Rule" else LINE, MARK if event == "Rule" else "")
                continue
            kind, value = cast("tuple[str, Any]", next(iter(event.items())))
            if kind == "Text":
                self._show_text(start, end, value)
            elif kind in ("Start", "End"):
                self._read_tag(kind == "Start", value, start, end)
            else:
                self._read_other(kind, value, start, end)
        return self._close()

    def _read_tag(self, opens: bool, tag: Any, start: int, end: int) -> None:
        name = tag if isinstance(tag, str) else next(iter(tag))
        element = _ELEMENTS.get(name) if name != "Heading" else f"h{_level_of(tag)}"
        if element:
            at = start if opens else end
            self._tags.append(Mark(at, at, element, not opens))
        strength = LINE if name == "List" and self._items else _STRENGTHS.get(name, PARAGRAPH)
        self._ask(strength, LINK if name in ("Link", "Image") else MARK if name != "Paragraph" else "")
        if name == "Link" or name == "Image":
            self._loose = True
            self._hidden += (1 if opens else -1) if name == "Image" else 0
        elif name == "Item":
            self._items += 1 if opens else -1
        elif name == "Heading":
            self._in_heading = opens
            if opens:
                self._headings.append([])
        if not opens:
            return
        self._elements.append((start, end))
        if name == "Item":
            self._show_number(start)
        elif name == "Table" and b"](" not in self._data[start:end]:
            self._code.append((start, end))
        elif name == "CodeBlock":
            end = start + len(self._data[start:end].rstrip(_WHITE))
            line = self._data.rfind(b"\n", 0, start) + 1
            if not self._data[line:start].strip(b" \t"):
                start = max(line, self._gap)
            self._show(start, end)
            self._code.append((start, end))
            self._verbatim = self._gap
            if isinstance(tag["CodeBlock"], dict) or b"](" not in self._data[start:end]:
                self.fixed.append((start, end))
        elif name == "HtmlBlock":
            self._read_html(start, end)
            self._verbatim = end

    def _show_number(self, start: int) -> None:
        """Show the number of an item, which its text may be called by: "see step 2"."""
        number = _NUMBER.match(self._data, start)
        if number and not self._hidden:
            self._show(start, number.end())

    def _read_other(self, kind: str, value: Any, start: int, end: int) -> None:
        if kind in ("Html", "InlineHtml"):
            if _NAMED_TAG.fullmatch(self._data, max(start - 1, 0), end + 2):
                self._show(start, end)  # "use the <div> element"
                self.fixed.append((start, end))
            else:
                self._read_html(start, end)
        elif kind == "Code":
            self._show_code(start, end, value)
        elif kind in ("InlineMath", "DisplayMath"):
            self._show(start, end)
        else:  # a footnote's number, the box of a task
            self._ask(NOTHING, MARK)

    def _show_text(self, start: int, end: int, value: str) -> None:
        """Show text, which is what stands there unless there is a character reference."""
        if self._hidden:
            return
        source = self._data[start:end].decode()
        if source == value or "\0" in source:
            self._show(start, end)
        else:
            self._show(start, end, value, REFERENCE)
        if self._in_heading:
            self._headings[-1].append(value)

    def _show_code(self, start: int, end: int, value: str) -> None:
        """Show code within a line, in its backticks if it has characters that may be markup."""
        if self._hidden:
            return
        if self._in_heading:
            self._headings[-1].append(value)
        source = self._data[start:end].decode()
        if _SPECIAL.search(value) or not value.strip():
            self._show(start, end)
            self.fixed.append((start, end))
            return
        self._ask(NOTHING, MARK)
        inner = source.strip("`")
        first = start + source.index(inner) + inner.index(value) if value in inner else -1
        if first < 0:
            self._show(start, end, value, MARK)
        else:
            self._show(first, first + len(value.encode()))
            self._ask(NOTHING, MARK)

    def _read_html(self, start: int, end: int) -> None:
        """Read HTML within Markdown: its tags ask for what they ask for in HTML, its text is shown."""
        piece = self._data[start:end].decode()
        at = 0
        for token in (*find_tokens(piece), Token(len(piece), len(piece), "")):
            shown = piece[at : token.start]
            core = shown.strip()
            before, after = shown.split(core, 1) if core else (shown, "")
            first = start + len(before.encode())
            start += len(shown.encode())
            if "\n" in before:
                self._ask(LINE, "")
            self._show(first, first + len(core.encode()))
            if "\n" in after:
                self._ask(LINE, "")
            behind = start + len(piece[token.start : token.end].encode())
            if token.after is not None:
                self._show(start, behind, token.after, REFERENCE)
            elif token.rule:
                self._tags.append(Mark(start, behind, token.name, token.closes))
                self._ask(token.strength, token.rule)
                self._loose |= token.loose
            at, start = token.end, behind

    def _ask(self, strength: int, rule: str) -> None:
        """Make the gap stronger."""
        self._strength = max(self._strength, strength)
        self._rule = max(self._rule, _RULES.index(rule))

    def _show(self, start: int, end: int, after: str | None = None, rule: str = "") -> None:
        """Close the gap before visible text, and show the text, or what takes its place."""
        if start < self._gap or start >= end:
            return
        self._show_lost(start)
        self._close_gap(start)
        if after is not None:
            self._found.append((start, end, after, rule))
        self._gap = end
        self._strength, self._rule, self._loose = NOTHING, 0, False

    def _show_lost(self, start: int) -> None:
        """Show what reads as the definition of a link, but has no address: "[Update]: Delayed"."""
        if self._data.find(b"]:", self._gap, start) < 0:
            return
        for line in _DEFINITION.finditer(self._data, self._gap, start):
            if not _ADDRESS.match(line["target"]):
                strength, rule = self._strength, self._rule
                self._strength = max(strength, LINE)
                first = line.start() + len(line[0]) - len(line[0].lstrip(b" >"))
                self._close_gap(first)
                self._gap = first + len(line[0].lstrip(b" >").rstrip(_WHITE))
                self._strength, self._rule = max(strength, LINE), rule

    def _close_gap(self, start: int) -> None:
        gap, data, strength = self._gap, self._data, self._strength
        if gap == start:
            return
        between = data[gap:start]
        rule = _RULES[self._rule] or MARK
        if not gap:
            self._found.append((0, start, "", rule))
            return
        if strength >= LINE:
            self._part(gap, start, between, strength, rule)
            return
        if strength == NOTHING and self._loose and are_glued(*self._around(gap, start)):
            strength = SPACE
        if strength == NOTHING and not self._rule and not between.strip(_WHITE):
            return
        self._found.append((gap, start, SEPARATORS[strength], rule))

    def _part(self, gap: int, start: int, between: bytes, strength: int, rule: str) -> None:
        """Leave of a gap its first line ends, or its last ones, if they part the pieces as they should."""
        core = between.strip(_WHITE)
        before = between[: len(between) - len(between.lstrip(_WHITE))] if core else between
        behind = between[len(between.rstrip(_WHITE)) :] if core else b""
        for first, white in ((gap, before), (start - len(behind), behind)):
            ends = list(_LINE_END.finditer(white))
            if len(ends) > strength - LINE:
                kept_start, kept_end = first + ends[0].start(), first + ends[-1].end()
                if kept_start > gap:
                    self._found.append((gap, kept_start, "", rule))
                if kept_end < start:
                    self._found.append((kept_end, start, "", rule))
                return
        self._found.append((gap, start, SEPARATORS[strength], rule))

    def _around(self, gap: int, start: int) -> tuple[str, str]:
        """Return ten characters before and behind a gap, or fewer."""
        before = self._data[max(gap - 40, 0) : gap].decode(errors="ignore")
        return before[-10:], self._data[start : start + 40].decode(errors="ignore")[:10]

    def _close(self) -> MarkedText:
        """Return what was found, with places in code points."""
        data = self._data
        end = len(data)
        self._show_lost(end)
        if data[self._gap :].strip(_WHITE):
            last = self._gap + len(data[self._gap :].rstrip(_WHITE))
            self._found.append((self._gap, last, "", _RULES[self._rule] or MARK))
        if self._text.isascii():
            index = range(end + 1)
        else:  # how many characters begin before each byte
            begins = (np.frombuffer(data, np.uint8) & 0xC0) != 0x80
            index = np.concatenate([[0], np.cumsum(begins)]).tolist()
        self.fixed = [(index[a], index[b]) for a, b in self.fixed]
        return MarkedText(
            [Replacement(index[a], index[b], after, rule) for a, b, after, rule in self._found],
            [(index[a], index[b]) for a, b in self._elements],
            [(index[a], index[b]) for a, b in self._code],
            ["".join(parts).strip() for parts in self._headings],
            [Mark(index[a], index[b], name, closes) for a, b, name, closes in self._tags],
        )
