r"""Take the markup off a text that is HTML: a fragment, a whole page, or a post of WordPress.

The text is read as the tokenizer of the HTML standard reads it: comments, tags with quoted attributes, elements whose
content is no markup, and character references. No tree is built, so that depth costs nothing and broken markup does no
harm: what a tag does to the text around it depends on its name alone.

What lies between two pieces of visible text is replaced as a whole: by nothing, a space, a line end or a blank line,
whichever is the strongest that its tags ask for.

>>> strip_html("<h2>Rain</h2><p>It <b>rained</b> all&nbsp;day.<br>Then it stopped.</p><script>x()</script>")
'Rain\n\nIt rained all\xa0day.\nThen it stopped.'
"""

from __future__ import annotations

import html
import re
from collections import Counter
from typing import NamedTuple

from ..ruleset.page import MarkedText, Replacement
from .elements import (
    CELLS,
    ENDED_BY,
    FORMATTING,
    HEADINGS,
    HIDDEN,
    HOLD_TEXT,
    KEEPS_SPACE,
    LINES,
    NAMES,
    PARAGRAPHS,
    VOID,
)
from .gaps import CELL, LINE, NOTHING, PARAGRAPH, SEPARATORS, SPACE, are_glued
from .shortcodes import find_shortcodes

WHITE_SPACE, TAG, REFERENCE = "markup/white-space", "markup/tag", "markup/reference"
SHORTCODE, HIDDEN_CONTENT = "markup/shortcode", "markup/hidden"
_RULES = (WHITE_SPACE, REFERENCE, TAG, SHORTCODE, HIDDEN_CONTENT)  # a gap is told by the last of those that are in it

_RANKS = {rule: rank for rank, rule in enumerate(_RULES)}

# How a token begins; see https://html.spec.whatwg.org/multipage/parsing.html#tokenization
_START = re.compile(
    r"""
      <!--
    | < (?P<slash>/?) (?P<name>[a-zA-Z][^\s/>]*)
        (?P<rest> [^<>"']* (?: (?:"[^"<>]*"|'[^'<>]*') [^<>"']* )* > )?  # of nearly all tags; else it is read by steps
    | <[!?/]                                              # doctype, instruction, and what is read as a comment
    | (?P<reference> &(?:\#[0-9]+|\#[xX][0-9a-fA-F]+|[a-zA-Z][a-zA-Z0-9]*);? )
    """,
    re.VERBOSE,
)
_ATTRIBUTE_STOP = re.compile("""(?:=[ \\t\\n\\r\\f]*)(?P<quote>["'])|>""")  # a quote elsewhere is a letter
_WHITE = " \t\n\r\f"
_LINE_END = re.compile(r"[ \t\f]*[\n\r][ \t\n\r\f]*")
_BLANK_LINE = re.compile(r"\r?\n[ \t\f]*\r?\n")
_BLOCK = re.compile(r"<(?:p|br|div|li|td|blockquote|article|section)[\s/>]", re.IGNORECASE)


class Token(NamedTuple):
    """A piece of markup: `[start, end)` in code points, its rule, and the strength of the separator it asks for."""

    start: int
    end: int
    rule: str
    strength: int = NOTHING
    name: str = ""
    closes: bool = False
    after: str | None = None
    """For a character reference, the characters that it stands for."""

    @property
    def loose(self) -> bool:
        """Whether it does not belong into the middle of a word."""
        return self.name not in FORMATTING


def strip_html(text: str) -> str:
    """Return a text without its markup."""
    pieces, at = [], 0
    for found in find_html(text):
        pieces += [text[at : found.start], found.after]
        at = found.end
    return "".join([*pieces, text[at:]])


def find_html(text: str) -> list[Replacement]:
    """Return what to replace in a text of HTML, so that its visible text is left, with a line for each block."""
    return read_html(text).replacements


def read_html(text: str) -> MarkedText:
    """Read a text of HTML. Its elements are missing: see `find_html_elements`."""
    reader = _Reader(text)
    tokens = find_tokens(text)
    shortcodes = _shortcode_tokens(text)
    at = 0
    for token in sorted([*tokens, *shortcodes]) if shortcodes else tokens:
        start = token.start
        if start >= at:
            if start > at:
                reader.read_text(at, start)
            reader.read_token(token)
            at = token.end
    reader.read_text(at, len(text))
    replacements = reader.close()
    return MarkedText(replacements, headings=_find_headings(text, tokens, replacements), tags=tokens)


def find_html_elements(text: str) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """Return start and end of the elements of a text, and of those in which white space is content."""
    elements = find_elements(find_tokens(text), text)
    code = [(start, end) for start, end, name in elements if name in KEEPS_SPACE]
    return [(start, end) for start, end, _ in elements], code


def _find_headings(text: str, tokens: list[Token], replacements: list[Replacement]) -> list[str]:
    """Return the visible text of each heading."""
    headings: list[str] = []
    opened: Token | None = None
    at = 0  # the first replacement behind the heading before
    for token in tokens:
        if token.name not in HEADINGS or token.rule != TAG:
            continue
        if opened is not None:
            while at < len(replacements) and replacements[at].end <= opened.end:
                at += 1
            pieces, place = [], opened.end
            while at < len(replacements) and replacements[at].start < token.start:
                new = replacements[at]
                pieces += [text[place : new.start], new.after if new.end <= token.start else ""]
                place, at = new.end, at + 1
            headings.append("".join([*pieces, text[place : token.start]]).strip())
        opened = None if token.closes else token
    return headings


def find_elements(tokens: list[Token], text: str) -> list[tuple[int, int, str]]:
    """Return start, end and name of the elements of a text that are closed, or whose end tag may be missing.

    An element that begins right behind the tag of another of its kind, as in `<p><p>Menu</p></p>`, is within that.
    """
    found: list[tuple[int, int, str]] = []
    opened: list[tuple[int, str]] = []
    counts: Counter[str] = Counter()
    tag_end = 0  # of the last start tag, if it opened an element

    def close(at: int, end: int, *, closed: bool) -> None:
        """Close the elements that were opened last, down to one, at `end`."""
        while len(opened) > at:
            start, name = opened.pop()
            counts[name] -= 1
            if (closed and len(opened) == at) or name in ENDED_BY:
                found.append((start, end, name))

    for token in tokens:
        name = token.name
        if not name or name in VOID or token.rule != TAG:
            continue
        if token.closes:
            if counts[name]:
                at = next(at for at in range(len(opened) - 1, -1, -1) if opened[at][1] == name)
                close(at + 1, token.start, closed=False)
                close(at, token.end, closed=True)
            tag_end = 0
            continue
        nested = bool(opened and tag_end) and opened[-1][1] == name and not text[tag_end : token.start].strip()
        while not nested and opened and name in ENDED_BY.get(opened[-1][1], ()):
            close(len(opened) - 1, token.start, closed=False)
        tag_end = token.end
        opened.append((token.start, name))
        counts[name] += 1
    close(0, len(text), closed=False)
    return found


class _Reader:
    """Goes through a text, and collects what is to be replaced between its pieces of visible text."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._found: list[Replacement] = []
        self._wordpress = _BLOCK.search(text) is None  # line ends mean something: no tag parts the paragraphs
        self._gap = 0  # where the gap before the next visible text begins, or -1
        self._strength = NOTHING
        self._rule = WHITE_SPACE
        self._loose = False  # whether a tag in the gap does not belong into the middle of a word
        self._preserved = 0  # open elements in which white space is content
        self._in_paragraph = False

    def read_text(self, start: int, end: int) -> None:
        """Read text between two tokens."""
        text = self._text
        if start == end:
            return
        if self._preserved:
            self._show(start)
            return
        piece = text[start:end]
        core = piece.strip(_WHITE)
        if not core:
            self._ask(start, self._of_white_space(piece))
            return
        core_start = start + piece.index(core) if piece[0] in _WHITE else start
        core_end = core_start + len(core)
        if core_start > start:
            self._ask(start, self._of_white_space(text[start:core_start]))
        self._show(core_start)
        if not self._wordpress and ("\n" in core or "\r" in core):
            self._read_line_ends(core_start, core_end)
        if core_end < end:
            self._ask(core_end, self._of_white_space(text[core_end:end]))

    def _read_line_ends(self, start: int, end: int) -> None:
        """Replace the line ends within text."""
        for match in _LINE_END.finditer(self._text, start, end):
            separator = SEPARATORS[self._of_white_space(match[0])]
            if separator != match[0]:
                self._found.append(Replacement(*match.span(), separator, WHITE_SPACE))

    def read_token(self, token: Token) -> None:
        """Read a token."""
        if token.after is not None:
            self._show(token.start)
            self._found.append(Replacement(token.start, token.end, token.after, token.rule))
            return
        self._ask(token.start, token.strength)
        if self._rule != token.rule and _RANKS[token.rule] > _RANKS[self._rule]:
            self._rule = token.rule
        name = token.name
        if name not in FORMATTING:
            self._loose = True
            if name in KEEPS_SPACE:
                self._preserved = max(self._preserved + (-1 if token.closes else 1), 0)
        if token.strength >= CELL:
            self._in_paragraph = not token.closes and name in HOLD_TEXT

    def close(self) -> list[Replacement]:
        """Return what was found, with the gap at the end of the text."""
        if 0 <= self._gap < len(self._text) and not (self._wordpress and self._rule == WHITE_SPACE):
            self._found.append(Replacement(self._gap, len(self._text), "", self._rule))
        return self._found

    def _of_white_space(self, space: str) -> int:
        """Return what white space asks for: line ends count where no tag parts the paragraphs."""
        if "\n" not in space and "\r" not in space:
            return SPACE
        if not self._in_paragraph and _BLANK_LINE.search(space):
            return PARAGRAPH
        return LINE if self._wordpress else SPACE

    def _ask(self, start: int, strength: int) -> None:
        """Open a gap, or make the open one stronger."""
        if self._gap < 0:
            self._gap, self._strength, self._rule, self._loose = start, NOTHING, WHITE_SPACE, False
        if strength > self._strength:
            self._strength = strength

    def _show(self, start: int) -> None:
        """Close the gap before visible text."""
        if self._gap < 0:
            return
        text, gap = self._text, self._gap
        strength = self._strength
        if (
            strength == NOTHING
            and self._loose
            and gap
            and are_glued(text[max(gap - 10, 0) : gap], text[start : start + 10])
        ):
            strength = SPACE
        separator = SEPARATORS[strength] if gap else ""
        if text[gap:start] != separator and not (self._wordpress and self._rule == WHITE_SPACE):
            self._found.append(Replacement(gap, start, separator, self._rule))
        self._gap = -1


def find_tokens(text: str) -> list[Token]:
    """Return the tokens of a text that are not visible text."""
    tokenizer = _Tokenizer(text)
    found: list[Token] = []
    search, kinds = _START.search, _KINDS.get
    at = 0
    while (match := search(text, at)) is not None:
        slash, name, rest = match.group("slash", "name", "rest")
        if rest is not None:
            kind = kinds(name) or _kind_of(name)
            if slash or not kind.is_hidden:  # nearly all tags: the others are read by steps
                start, at = match.span()
                found.append(_new_token(Token, (start, at, TAG, kind.strength, kind.name, bool(slash), None)))
                continue
        token = tokenizer.read(match)
        if token is not None:
            found.append(token)
        at = token.end if token is not None else match.end()
    return found


class _Tokenizer:
    """Reads one token at a time. It remembers what the rest of the text lacks, so that it is not looked for again."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._last_close = text.rfind(">")
        self._last_comment_end = text.rfind("-->")
        self._last_quote = {quote: text.rfind(quote) for quote in "\"'"}
        self._last_end_tag: dict[str, int] = {}

    def read(self, match: re.Match[str]) -> Token | None:
        """Return the token that begins with a match, or None if it is text."""
        if match["name"] is not None:
            return self._read_tag(match)
        start, reference = match.start(), match["reference"]
        if reference is not None:
            characters = html.unescape(reference)
            return Token(start, match.end(), REFERENCE, after=characters) if characters != reference else None
        if match[0] == "<!--":
            if start > self._last_comment_end:  # it is never closed, and what follows may be the article
                return Token(start, match.end(), HIDDEN_CONTENT)
            return Token(start, self._text.index("-->", start + 2) + 3, HIDDEN_CONTENT)
        if self._text.startswith("<![CDATA[", start):
            return Token(start, start + 9, HIDDEN_CONTENT)
        return Token(start, self._text.index(">", start) + 1, HIDDEN_CONTENT) if start < self._last_close else None

    def _read_tag(self, match: re.Match[str]) -> Token | None:
        start, slash, written, rest = match.start(), match["slash"], match["name"], match["rest"]
        name, strength, is_hidden = _KINDS.get(written) or _kind_of(written)
        end = match.end() if rest is not None else self._end_of_tag(match.end())
        if end < 0:
            return None
        if not is_hidden or slash:
            return Token(start, end, TAG, strength, name, bool(slash))
        stop = self._end_of_element(name, end)
        if stop < 0:  # it is never closed, and what it holds may be the article
            return Token(start, end, TAG, PARAGRAPH, name)
        return Token(start, stop, HIDDEN_CONTENT, NOTHING if name in ("svg", "math") else PARAGRAPH, name)

    def _end_of_tag(self, start: int) -> int:
        """Return where a tag ends, whose quoted attributes may hold ">"; -1 if it does not."""
        if start > self._last_close:
            return -1
        at = start
        while (stop := _ATTRIBUTE_STOP.search(self._text, at)) is not None:
            quote = stop["quote"]
            if quote is None:
                return stop.end()
            if self._last_quote[quote] < stop.end():
                break  # the quote is never closed, so it is read as a letter
            at = self._text.index(quote, stop.end()) + 1
        return self._text.index(">", start) + 1

    def _end_of_element(self, name: str, start: int) -> int:
        """Return where the element ends whose content begins at `start`; -1 if it does not."""
        ends = re.compile(rf"</{re.escape(name)}(?=[\s/>])", re.IGNORECASE)
        if name not in self._last_end_tag:
            self._last_end_tag[name] = max((match.start() for match in ends.finditer(self._text)), default=-1)
        if start > self._last_end_tag[name]:
            return -1
        closing = ends.search(self._text, start)
        return self._end_of_tag(closing.end()) if closing else -1


class _Kind(NamedTuple):
    name: str
    strength: int
    is_hidden: bool


_new_token = tuple.__new__  # without the checks of the class, since there is one for each tag
_KINDS: dict[str, _Kind] = {}
"""Of the names that were read last: in lower case, what a tag of it asks for, and whether it hides what it holds."""
_MOST_KINDS = 2_000


def _kind_of(written: str) -> _Kind:
    name = written.lower()
    kind = _Kind(name, _strength(name), name in HIDDEN and name not in VOID)
    if len(_KINDS) >= _MOST_KINDS:
        _KINDS.clear()
    _KINDS[written] = kind
    return kind


def _strength(name: str) -> int:
    if name in PARAGRAPHS:
        return PARAGRAPH
    if name in CELLS:
        return CELL
    if name in LINES:
        return LINE
    return NOTHING if name in FORMATTING or name == "a" or name not in NAMES else SPACE


def _shortcode_tokens(text: str) -> list[Token]:
    """Return the shortcodes of WordPress as tokens."""
    return [
        Token(start, end, SHORTCODE, LINE if block else NOTHING, "[]" if block else "b")
        for start, end, block in find_shortcodes(text)
    ]
