"""The phrase dialect: regular expressions in which typography is forgiven.

A pattern is a regular expression, matched against the whole of a line without the decoration around it, in any case.
A space stands for any run of white space, a straight quote for any quote, a hyphen for any dash, `…` also for three
full stops. Inside square brackets everything stands for itself.
"""

from __future__ import annotations

import re

from .characters import WHITE, fold

_INSIDE = re.sub(r"[\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]", "", WHITE)
_LENIENT = {
    " ": f"(?:[{_INSIDE}]+)",
    "'": "['’‘ʼ´`′]",
    '"': '["“”„‟«»″]',
    "-": "[-‐‑‒–—―−]",
    "…": r"(?:…|\.\.\.)",
}
_GROUP = re.compile(r"\(\?(?:P?<[A-Za-z_]\w*>|<?[=!]|[:>])?")
# Typographic characters and the plain character that stands for them in a pattern.
FLAT = {c: " " for c in _INSIDE if c > "\x7f"}
FLAT |= {c: plain for plain in "'\"-" for c in _LENIENT[plain][1:-1] if c > "\x7f"} | {"…": "."}
# What a lenient character is in flattened text; runs of it are written once where beginnings are compared.
_FLAT_CLASS = {
    " ": "(?:[" + "".join(c for c in _INSIDE if c < "\x80") + "]+)",
    "'": "(?:['`]+)",
    '"': '(?:"+)',
    "-": "(?:-+)",
    "…": r"\.\.\.",
}
PLAIN_CLASSES = {_FLAT_CLASS[plain]: plain for plain in " '\"-"}
# While a pattern is cut into pieces, a private character stands for each lenient class.
_MARKS = {plain: chr(0xF0000 + index) for index, plain in enumerate(_LENIENT)}
_MARKED = {mark: plain for plain, mark in _MARKS.items()}
_PIECE = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\{[0-9]*,?[0-9]*\}|.", re.DOTALL)
_BOUNDS = re.compile(r"\{([0-9]*)(,?)([0-9]*)\}")
_CLASSES = re.compile(r"\\[wWdDbB]")


def translate(pattern: str) -> str:
    r"""Give the regular expression that a pattern of the dialect stands for.

    >>> translate("share this")[:6], translate("it's")
    ('share(', "it['’‘ʼ´`′]s")

    Raises `ValueError` for what the dialect leaves out: `\\s`, back-references, inline flags, anchors.
    """
    out = []
    at = 0
    while at < len(pattern):
        c = pattern[at]
        if c == "\\":
            piece = _escape(pattern, at)
        elif c == "[":
            piece = _bracket(pattern, at)
        elif c == "(" and (group := _GROUP.match(pattern, at)):
            piece = group[0]
            if piece == "(?":
                raise ValueError(f"inline flags are not part of the dialect: {pattern[at : at + 6]!r}")
        elif c in "^$":
            raise ValueError(f"{c!r} is not needed: a pattern is matched against the whole line")
        else:
            piece = c
        out.append(_LENIENT.get(piece) or (piece if piece[0] in "\\[(" else fold(piece)))
        at += len(piece)
    return "".join(_negate(piece) for piece in out)


def loosened(pattern: str) -> str:
    """Give a regular expression that matches wherever the pattern does, and maybe elsewhere, in a small automaton.

    Upper bounds of repeats are given up.
    """
    return "".join(_loosen(piece) for piece in _pieces(translate(pattern)))


def flat_pieces(pattern: str) -> list[str]:
    """Cut a pattern, made to match flattened text, into atoms, brackets, bars and bounds."""
    exact = translate(pattern)
    for plain, lenient in _LENIENT.items():
        exact = exact.replace(lenient, _MARKS[plain])
    pieces: list[str] = []
    for piece in _pieces(exact):
        marked = _MARKED.get(piece)
        pieces.append(_FLAT_CLASS[marked] if marked else _flatten_class(piece))
    return pieces


def _pieces(expression: str) -> list[str]:
    """Cut an expression into escapes, classes, bounds and single characters."""
    return _PIECE.findall(expression)


def _flatten_class(piece: str) -> str:
    """Let a class that holds a typographic character match the plain ones written in its place."""
    if len(piece) < 3 or piece[0] != "[" or piece[1] == "^":
        return f"(?:{FLAT[piece]}+)" if piece in FLAT else piece
    inside = piece[1:-1]
    plain = "".join(f"\\{c}" for c in sorted({FLAT[c] for c in inside if c in FLAT}))
    if not plain:
        return piece
    # a hyphen at either end stands for itself, and must go on doing so
    if inside.startswith("-"):
        inside = f"\\{inside}"
    if inside.endswith("-") and not inside.endswith("\\-"):
        inside = f"{inside[:-1]}\\-"
    return f"(?:[{inside}{plain}]+)"


def _loosen(piece: str) -> str:
    bounds = _BOUNDS.fullmatch(piece)
    if not bounds:
        return piece
    least, most = int(bounds[1] or 0), bounds[3]
    if (bounds[2] and not most) or int(most or least) <= 4:
        return piece
    return "*" if least == 0 else "+"


def needs_unicode_classes(pattern: str) -> bool:
    r"""Say whether a translated pattern uses a class such as `\\w`, which costs the automaton more."""
    return bool(_CLASSES.search(pattern))


def _escape(pattern: str, at: int) -> str:
    piece = pattern[at : at + 2]
    if piece == "\\s":
        raise ValueError("'\\s' is not part of the dialect: write a space, which stands for any white space")
    if piece[1:].isdigit() or piece in ("\\A", "\\Z", "\\g", "\\k", "\\p", "\\P", "\\S"):
        raise ValueError(f"{piece!r} is not part of the dialect")
    if len(piece) < 2:
        raise ValueError("a pattern cannot end in a backslash")
    return piece


def _bracket(pattern: str, at: int) -> str:
    """Give the character class that opens at `at`, brackets included."""
    end = at + 1
    if pattern[end : end + 1] == "^":
        end += 1
    if pattern[end : end + 1] == "]":
        end += 1
    while pattern[end : end + 1] != "]":
        if end >= len(pattern):
            raise ValueError(f"the class that opens at {pattern[at : at + 8]!r} is never closed")
        end += 2 if pattern[end] == "\\" else 1
    return pattern[at : end + 1]


def _negate(piece: str) -> str:
    """Fold a character class, and keep a negated one inside its line."""
    if piece[0] != "[" or piece in _LENIENT.values():
        return piece
    if "\\" not in piece:
        piece = fold(piece)
    return "[^\\n" + piece[2:] if piece.startswith("[^") else piece
