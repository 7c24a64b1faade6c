"""The phrase dialect: regular expressions in which case and typography are forgiven.

A pattern is matched against the whole of a line without the decoration around it, and both are flattened first
(`characters.flatten`): lower case, straight quotes, hyphens for dashes, three full stops for `…`, one space for any run
of white space. What is left is a plain regular expression without anchors, flags or references.
"""

from __future__ import annotations

import re
from functools import lru_cache

from .alphabet import PLAIN, fold

_PIECE = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\{[0-9]*,?[0-9]*\}|.", re.DOTALL)
# the same, with characters that stand for themselves taken together
_STEP = re.compile(rf"[a-z0-9 |?*+),:;!/&]+|{_PIECE.pattern}", re.DOTALL)
_MEMBER = re.compile(r"\\.|.", re.DOTALL)
_BOUNDS = re.compile(r"\{([0-9]*),?[0-9]*\}")
_GROUP = re.compile(r"\((?!\?)|\(\?(?:P?<[A-Za-z_]\w*>|<?[=!]|[:>])")
# a group that may come again, of anything with one of some characters in front or behind
_SEPARATOR = r"(\[(?!\^)(?:\\.|[^\]\\])*\]|)"
_LIST = re.compile(rf"\({_SEPARATOR}(?:\[\^(?:\\.|[^\]\\])*\]|\.)\+{_SEPARATOR}\)\+")
_KNOWN: dict[str, str] = {}  # what pieces were translated to
# What may stand in a text where a flattened one has a plain character.
_IN_A_TEXT = {" ": "(?:.+)", "'": ".", '"': ".", "-": "."}


@lru_cache(maxsize=16384)
def translate(pattern: str) -> str:
    r"""Give the regular expression that a pattern stands for in flattened text.

    >>> translate("it’s [–—] NOW…")
    "it's [\\-\\-] now\\.\\.\\."

    Raises `ValueError` for what the dialect leaves out: `\s`, back-references, inline flags, anchors.
    """
    found = []
    for match in _STEP.finditer(pattern):
        piece = match[0]
        # what a piece becomes depends on it alone, but for a bracket, of which what follows must be seen
        known = _KNOWN.get(piece)
        if known is None:
            known = _translate(pattern, match.start(), piece)
            if piece != "(":
                _KNOWN[piece] = known
        found.append(known)
    return "".join(found)


def widened(expression: str) -> str:
    """Give up the bounds of repeats in a translated pattern: what it matches is matched still, by a small automaton.

    A list of things of any kind, each with its separator, becomes anything with a separator: Hyperscan loses matches of
    a repeat in a repeat, depending on the line before.
    """
    return _LIST.sub(r"\1.+\2", "".join(_widen(piece) for piece in pieces(expression)))


def loosened(expression: str) -> str:
    """Give an expression that finds something in a raw text wherever a translated pattern does in the flattened one."""
    return "".join(_IN_A_TEXT.get(piece) or _widen(piece) for piece in pieces(expression))


def pieces(expression: str) -> list[str]:
    """Cut an expression into escapes, classes, bounds and single characters."""
    return _PIECE.findall(expression)


def _translate(pattern: str, at: int, piece: str) -> str:
    if piece[0] == "\\":
        return _escape(piece)
    if len(piece) > 1 and piece[0] not in "[{":
        return piece
    if piece[0] == "[":
        return _class(pattern, at, piece)
    if piece[0] == "{" or piece == ".":
        return piece
    if piece == "(" and not _GROUP.match(pattern, at):
        raise ValueError(f"inline flags are not part of the dialect: {pattern[at : at + 6]!r}")
    if piece in "^$":
        raise ValueError(f"{piece!r} is not needed: a pattern is matched against the whole line")
    plain = PLAIN.get(fold(piece), fold(piece))
    return re.escape(plain) if "." in plain else plain


def _escape(piece: str) -> str:
    if len(piece) < 2:
        raise ValueError("a pattern cannot end in a backslash")
    if piece == "\\s":
        raise ValueError("'\\s' is not part of the dialect: write a space, which stands for any white space")
    if piece[1:].isdigit() or piece in ("\\A", "\\Z", "\\g", "\\k", "\\p", "\\P", "\\S"):
        raise ValueError(f"{piece!r} is not part of the dialect")
    return piece


def _class(pattern: str, at: int, piece: str) -> str:
    """Flatten the members of a character class, and keep a negated one inside its line."""
    if piece == "[":
        raise ValueError(f"the class that opens at {pattern[at : at + 8]!r} is never closed")
    head = 2 if piece.startswith("[^") else 1
    members = "".join(_member(member) for member in _MEMBER.findall(piece[head:-1]))
    return f"[^\\n{members}]" if head == 2 else f"[{members}]"


def _member(member: str) -> str:
    if member[0] == "\\":
        return member
    plain = PLAIN.get(fold(member), fold(member))[0]
    # a dash written as a hyphen must not become a range; [. .] and [: :] mean something else to some engines
    return f"\\{plain}" if plain in ".:=" or (plain == "-" and member != "-") else plain


def _widen(piece: str) -> str:
    bounds = _BOUNDS.fullmatch(piece)
    return piece if not bounds else "+" if int(bounds[1] or 0) else "*"
