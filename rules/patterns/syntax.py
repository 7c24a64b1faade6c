"""Translated patterns as trees: choices of sequences of repeated parts."""

from __future__ import annotations

import re
from dataclasses import dataclass

from .dialect import tokenize

MAX_DIGITS = 4  # of the bounds of a repeat
UNBOUNDED = 999
"""The `most` of a repeat without an upper bound."""
_COUNT = re.compile(r"\{([0-9]*)(,?)([0-9]*)\}")


@dataclass(frozen=True)
class Repeat:
    """A part of a sequence, and how often it may occur: an `atom`, or one of `choices` where `atom` is empty."""

    atom: str
    choices: tuple[Sequence, ...]
    least: int
    most: int


Sequence = tuple[Repeat, ...]
_EMPTY: tuple[Sequence, ...] = ((),)  # one choice, of nothing


def parse(expression: str) -> tuple[Sequence, ...]:
    """Return the choices at the top of a translated pattern. Raises `ValueError` for unbalanced brackets.

    >>> for sequence in parse("ad|by.+"):
    ...     print([(part.atom, part.least, part.most) for part in sequence])
    [('a', 1, 1), ('d', 1, 1)]
    [('b', 1, 1), ('y', 1, 1), ('.', 1, 999)]
    """
    tokens = tokenize(expression)
    choices, end = _parse_choices(tokens, 0)
    if end != len(tokens):
        raise ValueError("a bracket is closed that was not opened")
    return choices


def split_choices(expression: str) -> list[str]:
    """Return the text of each choice at the top of a translated pattern.

    >>> split_choices("a(b|c)|d")
    ['a(b|c)', 'd']
    """
    texts, depth = [""], 0
    for token in tokenize(expression):
        if token == "|" and not depth:
            texts.append("")
            continue
        depth += (token == "(") - (token == ")")
        texts[-1] += token
    return texts


def can_be_empty(choices: tuple[Sequence, ...]) -> bool:
    """Return whether one of some choices matches the empty text.

    >>> can_be_empty(parse("a?(b|c*)")), can_be_empty(parse("a?b"))
    (True, False)
    """
    return any(
        all(repeat.least == 0 or (not repeat.atom and can_be_empty(repeat.choices)) for repeat in sequence)
        for sequence in choices
    )


def _parse_choices(tokens: list[str], at: int) -> tuple[tuple[Sequence, ...], int]:
    """Parse up to the end, or up to a bracket that closes; return the choices and where they end."""
    choices: list[Sequence] = []
    sequence: list[Repeat] = []
    while at < len(tokens) and tokens[at] != ")":
        if tokens[at] == "|":
            choices.append(tuple(sequence))
            sequence = []
            at += 1
        else:
            part, at = _parse_group(tokens, at) if tokens[at] == "(" else _parse_atom(tokens, at)
            sequence.append(part)
    return (*choices, tuple(sequence)), at


def _parse_atom(tokens: list[str], at: int) -> tuple[Repeat, int]:
    atom = tokens[at]
    least, most, end = read_count(tokens, at + 1)
    # a word boundary takes no room: it is a part that matches nothing
    return Repeat("" if atom in (r"\b", r"\B") else atom, _EMPTY, least, most), end


def _parse_group(tokens: list[str], at: int) -> tuple[Repeat, int]:
    is_look_around = "".join(tokens[at + 1 : at + 4]).startswith(("?=", "?!", "?<=", "?<!"))
    choices, at = _parse_choices(tokens, header_end(tokens, at))
    if at >= len(tokens):
        raise ValueError("a bracket is opened that is not closed")
    least, most, at = read_count(tokens, at + 1)
    return Repeat("", _EMPTY if is_look_around else choices, least, most), at


def header_end(tokens: list[str], at: int) -> int:
    """Return where the inside of a group begins: behind `(`, `(?:`, `(?>`, `(?<name>` or the header of a look around.

    >>> header_end(["(", "a"], 0), header_end(["(", "?", ":", "a"], 0), header_end(["(", "?", "<", "n", ">", "a"], 0)
    (1, 3, 5)
    """
    if tokens[at + 1 : at + 2] != ["?"]:
        return at + 1
    if tokens[at + 2] != "<":
        return at + 3
    return at + 4 if tokens[at + 3] in "=!" else tokens.index(">", at) + 1


def read_count(tokens: list[str], at: int) -> tuple[int, int, int]:
    """Read how often the part before `at` occurs; return the least, the most, and where to read on.

    >>> read_count(["?"], 0), read_count(["{2,}", "?"], 0), read_count(["x"], 0)
    ((0, 1, 1), (2, 999, 2), (1, 1, 0))
    """
    least, most = 1, 1
    if at < len(tokens):
        count = _COUNT.fullmatch(tokens[at])
        if tokens[at] in "*+?":
            least, most = (1 if tokens[at] == "+" else 0), (1 if tokens[at] == "?" else UNBOUNDED)
            at += 1
        elif count and (count[1] or count[3]):
            if max(len(count[1]), len(count[3])) > MAX_DIGITS:
                raise ValueError(f"{tokens[at]!r} repeats too often: write at most {MAX_DIGITS} digits")
            least = int(count[1] or 0)
            most = int(count[3]) if count[3] else UNBOUNDED if count[2] else least
            at += 1
        # a lazy or possessive repeat
        if at < len(tokens) and tokens[at] in "?+" and (least, most) != (1, 1):
            at += 1
    return least, most, at
