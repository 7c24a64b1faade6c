"""Translated patterns as trees: choices of sequences of repeated parts."""

from __future__ import annotations

import re
from dataclasses import dataclass

from .dialect import tokenize

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


def count_repeats(expression: str) -> int:
    """Return the number of parts that may be repeated or left out, in the choice at the top that has most of them.

    >>> count_repeats("(very )?l[ou]+ng|short")
    2
    """
    return max(sum(map(_is_repeat, tokenize(choice))) for choice in split_choices(expression))


def _is_repeat(token: str) -> bool:
    return token in ("*", "+", "?") or bool(_COUNT.fullmatch(token))


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
    least, most, end = _read_count(tokens, at + 1)
    # a word boundary takes no room: it is a part that matches nothing
    return Repeat("" if atom in (r"\b", r"\B") else atom, _EMPTY, least, most), end


def _parse_group(tokens: list[str], at: int) -> tuple[Repeat, int]:
    is_look_around, at = _skip_header(tokens, at)
    choices, at = _parse_choices(tokens, at)
    if at >= len(tokens):
        raise ValueError("a bracket is opened that is not closed")
    least, most, at = _read_count(tokens, at + 1)
    return Repeat("", _EMPTY if is_look_around else choices, least, most), at


def _skip_header(tokens: list[str], at: int) -> tuple[bool, int]:
    """Skip `(`, `(?:`, `(?>`, `(?<name>` or a look around; return whether it is the last, and where to read on."""
    if tokens[at + 1 : at + 2] != ["?"]:
        return False, at + 1
    kind = tokens[at + 2]
    if kind in "=!":
        return True, at + 3
    if kind == "<" and tokens[at + 3] in "=!":
        return True, at + 4
    if kind == "<":
        return False, tokens.index(">", at) + 1
    return False, at + 3


def _read_count(tokens: list[str], at: int) -> tuple[int, int, int]:
    """Read how often the part before `at` occurs; return the least, the most, and where to read on.

    >>> _read_count(["?"], 0), _read_count(["{2,}", "?"], 0), _read_count(["x"], 0)
    ((0, 1, 1), (2, 999, 2), (1, 1, 0))
    """
    least, most = 1, 1
    if at < len(tokens):
        count = _COUNT.fullmatch(tokens[at])
        if tokens[at] in "*+?":
            least, most = (1 if tokens[at] == "+" else 0), (1 if tokens[at] == "?" else UNBOUNDED)
            at += 1
        elif count and (count[1] or count[3]):
            least = int(count[1] or 0)
            most = int(count[3]) if count[3] else UNBOUNDED if count[2] else least
            at += 1
        # a lazy or possessive repeat
        if at < len(tokens) and tokens[at] in "?+" and (least, most) != (1, 1):
            at += 1
    return least, most, at
