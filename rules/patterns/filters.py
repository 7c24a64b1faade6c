"""Expressions for Hyperscan, which match at least whatever a translated pattern matches.

Hyperscan only finds candidates, so an expression may match too much, but never too little. These expressions have no
upper bounds and no Unicode properties, either of which makes large automata that take minutes to compile.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import regex

from .alphabet import PLAIN
from .dialect import tokenize
from .syntax import can_be_empty, header_end, parse, read_count

if TYPE_CHECKING:
    from collections.abc import Iterator

_MEMBER = re.compile(r"\\.|.", re.DOTALL)
_WIDE = r"\x{80}-\x{10ffff}"  # all that is not ASCII
# Members of a class for the escapes of Unicode classes: all characters that may match, and those that surely match.
_MAY_MATCH = {
    r"\w": f"0-9A-Za-z_{_WIDE}",
    r"\W": rf"\x00-\x2f\x3a-\x40\x5b-\x5e\x60\x7b-\x7f{_WIDE}",
    r"\d": f"0-9{_WIDE}",
    r"\D": rf"\x00-\x2f\x3a-\x7f{_WIDE}",
}
_SURELY_MATCH = {escape: members.removesuffix(_WIDE) for escape, members in _MAY_MATCH.items()}
_QUANTIFIERS = {(False, False): "", (True, False): "?", (True, True): "*", (False, True): "+"}
_PLAIN_CHARACTERS = "".join(sorted({plain[0] for plain in PLAIN.values()}))


class _Part(NamedTuple):
    """A token of an expression, or the header of a group, with its quantifier: nothing, `?`, `*` or `+`."""

    text: str
    quantifier: str = ""


def widen_repeats(expression: str) -> str:
    r"""Return an expression without upper bounds, for flattened text.

    >>> widen_repeats(r"[0-9]{1,3} (comments?){0,2}\W")
    '[0-9]+ (comments?)*[^0-9A-Za-z_]'

    A list, which is a repeated group of anything with a separator, becomes anything with a separator, once: Hyperscan
    loses matches of a repeat within a repeat, depending on the line before.

    >>> widen_repeats(r"tags:([^\n]{2,20}[,;])+")
    'tags:.+[,;]'
    """
    parts = [_Part(_widen(part.text), part.quantifier) for part in _read_parts(tokenize(expression))]
    return "".join(text + quantifier for text, quantifier in _unroll_lists([part for part in parts if part.text]))


def loosen(expression: str) -> str:
    r"""Return an expression without upper bounds for raw text, in which no typography is plain yet.

    It also allows for a space in the flattened text that was several, and for full stops that were one ellipsis.

    >>> loosen(r"a'b\.\.")
    "a(?:'|[’‘ʼ´`′])b(?:\\.|[…])(?:\\.|[…])?"
    """
    loose = _loosen(expression, ellipses=True)
    if can_be_empty(parse(loose)) and not can_be_empty(parse(expression)):
        # too loose for Hyperscan: take any line with an ellipsis
        return f"{_loosen(expression, ellipses=False)}|…"
    return loose


def _loosen(expression: str, *, ellipses: bool) -> str:
    loose = ""
    dots = _Ellipsis()
    for text, quantifier in _read_parts(tokenize(expression)):
        optional = quantifier in ("?", "*")
        if _is_syntax(text):
            loose += text + quantifier
            dots.pass_syntax(text[0], can_be_empty=optional)
        elif text not in (r"\b", r"\B"):
            is_covered = dots.pass_part(matches_dot=_matches(text, "."), can_be_empty=optional)
            repeats = quantifier in ("*", "+") or _matches(text, " ")
            loose += _add_raw_forms(text) + _QUANTIFIERS[optional or (ellipses and is_covered), repeats]
    return loose


class _Ellipsis:
    """Counts the parts that may match full stops of one ellipsis. In raw text only the first of three is there."""

    def __init__(self) -> None:
        self._dots = 0
        self._groups: list[tuple[int, int]] = []  # the dots before each open group, and after its choices so far

    def pass_part(self, *, matches_dot: bool, can_be_empty: bool) -> bool:
        """Pass a character or class. Return whether a part of the same ellipsis may be before it."""
        if matches_dot:
            self._dots = self._dots % 3 + 1
        elif not can_be_empty:
            self._dots = 0
        return self._dots > 1

    def pass_syntax(self, mark: str, *, can_be_empty: bool) -> None:
        """Pass the mark that begins or ends a group, or divides its choices."""
        if mark == "(":
            self._groups.append((self._dots, 0))
        elif self._groups:
            before, after = self._groups.pop()
            after = max(after, min(self._dots, 1))
            if mark == "|":
                self._groups.append((before, after))
                self._dots = before
            else:
                self._dots = max(after, min(before, 1)) if can_be_empty else after
        else:
            self._dots = 0


def _read_parts(tokens: list[str]) -> Iterator[_Part]:
    """Yield the parts of an expression, with plain quantifiers.

    >>> [*_read_parts(["(", "?", ":", "a", "{2,3}", "?", ")", "{,5}"])]
    [_Part(text='(?:', quantifier=''), _Part(text='a', quantifier='+'), _Part(text=')', quantifier='*')]
    """
    at = 0
    while at < len(tokens):
        if tokens[at] == "(":
            end = header_end(tokens, at)
            yield _Part("".join(tokens[at:end]))
        else:
            least, most, end = read_count(tokens, at + 1)
            yield _Part(tokens[at], _QUANTIFIERS[least == 0, most > 1])
        at = end


def _is_syntax(text: str) -> bool:
    return text[0] in "(|)"


def _widen(token: str) -> str:
    """Replace classes that need Unicode properties by wider ones without."""
    if token in (r"\b", r"\B"):
        return ""
    if token in _MAY_MATCH:
        negated = {r"\W": r"\w", r"\D": r"\d"}.get(token)
        return f"[^{_SURELY_MATCH[negated]}]" if negated else f"[{_MAY_MATCH[token]}]"
    if token[0] == "[" and any(escape in token for escape in _MAY_MATCH):
        return _widen_class(token)
    return token


def _widen_class(token: str) -> str:
    r"""Replace the escapes of Unicode classes among the members of a class.

    >>> print(_widen_class(r"[\d.]"), _widen_class(r"[^\w-]"))
    [0-9\x{80}-\x{10ffff}.] [^0-9A-Za-z_\-]
    """
    negated = token.startswith("[^")
    members = _MEMBER.findall(token[2 if negated else 1 : -1])
    escapes = _SURELY_MATCH if negated else _MAY_MATCH
    written = [escapes.get(member, member) for member in members]
    for at, member in enumerate(members):
        # beside such an escape, a hyphen is a hyphen
        if member == "-" and ({*members[max(at - 1, 0) : at + 2]} & escapes.keys()):
            written[at] = r"\-"
    return f"[{'^' if negated else ''}{''.join(written)}]"


def _add_raw_forms(token: str) -> str:
    """Return an expression for the characters of raw text that may become a match of a token in flattened text."""
    if token == "." or token.startswith("[^") or token in _MAY_MATCH:
        return _widen(token)
    forms = "".join(map(_raw_forms, filter(lambda plain: _matches(token, plain), _PLAIN_CHARACTERS)))
    if not forms:
        return _widen(token)
    return f"(?:{_widen(token)}|[{forms}])"


@lru_cache
def _raw_forms(plain: str) -> str:
    """Return the characters that are flattened to a plain one, or to several of it."""
    return "".join(re.escape(raw) for raw, written in PLAIN.items() if written[0] == plain and raw != plain)


@lru_cache(maxsize=4096)
def _matches(token: str, character: str) -> bool:
    """Return whether a character matches a literal, an escape or a class."""
    if len(token) == 1:
        return token in (".", character)
    expression: Any = regex.compile(token)
    return bool(expression.fullmatch(character))


def _unroll_lists(parts: list[_Part]) -> Iterator[_Part]:
    """Replace each list: `([,;].+)+` becomes `[,;].+`, and `(.+[,;])+` becomes `.+[,;]`."""
    at = 0
    while at < len(parts):
        size, items = _read_list(parts[at : at + 5])
        yield from items or parts[at : at + 1]
        at += size or 1


def _read_list(parts: list[_Part]) -> tuple[int, list[_Part]]:
    """Return the number of parts of the list with which some parts begin, and what to write for it; 0 if it is none.

    >>> _read_list([_Part("("), _Part(".", "+"), _Part("[,;]"), _Part(")", "+"), _Part("x")])
    (4, [_Part(text='.', quantifier='+'), _Part(text='[,;]', quantifier='')])
    """
    closing = next((at for at, part in enumerate(parts) if part.text == ")"), 0)
    items = parts[1:closing]
    kinds = ["separator" if _is_separator(item) else "anything" if _is_anything(item) else "other" for item in items]
    is_list = kinds.count("anything") == 1 and "other" not in kinds
    if parts[0] != ("(", "") or parts[closing] != (")", "+") or not is_list:
        return 0, []
    return closing + 1, [
        _Part(".", "+") if kind == "anything" else part for kind, part in zip(kinds, items, strict=True)
    ]


def _is_separator(part: _Part) -> bool:
    return part.text.startswith("[") and not part.text.startswith("[^") and not part.quantifier


def _is_anything(part: _Part) -> bool:
    return (part.text == "." or part.text.startswith("[^")) and part.quantifier == "+"
