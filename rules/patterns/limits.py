"""How large a pattern may be: compiling one takes seconds at most, whatever is in it.

The limits are far above what a person writes. The largest built-in pattern has a third of the size and of the links.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from .dialect import tokenize, translate
from .syntax import parse

if TYPE_CHECKING:
    from .syntax import Repeat, Sequence

MAX_LENGTH = 4_000  # characters of a pattern, with its lists written out
MAX_DEPTH = 10  # groups within each other: engines take twice the time for each level
MAX_SHORTEST = 1_000  # characters of the shortest text that matches: engines write repeats out
MAX_SIZE = 4_000  # characters and classes, weighted
MAX_LINKS = 30_000  # pairs of characters or classes that can follow each other, weighted
_CLASS_WEIGHT = 10  # a class of more than ASCII takes as much as so many characters


class _Shape(NamedTuple):
    """The measures of a part of an expression, all weighted: the links make the size of an automaton."""

    first: int  # characters with which a match can begin
    last: int  # characters with which a match can end
    can_be_empty: bool
    size: int
    links: int
    shortest: int


def require_small(pattern: str) -> None:
    """Raise `ValueError` for a pattern that takes too long to compile, or that is no pattern of the dialect.

    >>> require_small("read (more|on)( about .{1,40})?")
    >>> require_small("(((a{10}){10}){10}){10}")
    Traceback (most recent call last):
        ...
    ValueError: the shortest text that it matches has 10,000 characters: write at most 1,000
    """
    if len(pattern) > MAX_LENGTH:
        raise ValueError(f"it has {len(pattern):,} characters: write at most {MAX_LENGTH:,}")
    expression = translate(pattern)
    depth = _measure_depth(expression)
    if depth > MAX_DEPTH:
        raise ValueError(f"{depth:,} groups are nested: nest at most {MAX_DEPTH}")
    shape = _measure_choices(parse(expression))
    if shape.shortest > MAX_SHORTEST:
        raise ValueError(
            f"the shortest text that it matches has {shape.shortest:,} characters: write at most {MAX_SHORTEST:,}"
        )
    if shape.size > MAX_SIZE:
        raise ValueError("it has too many characters and classes: divide it into several patterns")
    if shape.links > MAX_LINKS:
        raise ValueError("too many of its parts may be repeated or left out: divide it into several patterns")


def _measure_depth(expression: str) -> int:
    depth = deepest = 0
    for token in tokenize(expression):
        depth += (token == "(") - (token == ")")
        deepest = max(deepest, depth)
    return deepest


def _measure_choices(choices: tuple[Sequence, ...]) -> _Shape:
    shapes = [_measure_sequence(sequence) for sequence in choices]
    return _Shape(
        first=sum(shape.first for shape in shapes),
        last=sum(shape.last for shape in shapes),
        can_be_empty=any(shape.can_be_empty for shape in shapes),
        size=sum(shape.size for shape in shapes),
        links=sum(shape.links for shape in shapes),
        shortest=min(shape.shortest for shape in shapes),
    )


def _measure_sequence(sequence: Sequence) -> _Shape:
    """Return the shape of parts that follow each other.

    >>> _measure_sequence(parse("ab?c")[0])  # a to b, a to c, b to c
    _Shape(first=1, last=1, can_be_empty=False, size=3, links=3, shortest=2)
    """
    first = last = size = links = shortest = 0
    can_be_empty = True
    for repeat in sequence:
        part = _measure_repeat(repeat)
        size, links, shortest = size + part.size, links + part.links + last * part.first, shortest + part.shortest
        first += part.first if can_be_empty else 0
        last = part.last + (last if part.can_be_empty else 0)
        can_be_empty &= part.can_be_empty
    return _Shape(first, last, can_be_empty, size, links, shortest)


def _measure_repeat(repeat: Repeat) -> _Shape:
    if repeat.atom:
        weight = _weigh(repeat.atom)
        once = _Shape(weight, weight, can_be_empty=False, size=weight, links=0, shortest=1)
    else:
        once = _measure_choices(repeat.choices)
    return once._replace(
        can_be_empty=once.can_be_empty or repeat.least == 0,
        links=once.links + (once.first * once.last if repeat.most > 1 else 0),
        shortest=once.shortest * repeat.least,
    )


def _weigh(atom: str) -> int:
    is_wide = atom == "." or atom.startswith("[^") or (atom[0] in "[\\" and any(e in atom for e in _UNICODE_ESCAPES))
    return _CLASS_WEIGHT if is_wide or (atom[0] == "[" and not atom.isascii()) else 1


_UNICODE_ESCAPES = (r"\w", r"\W", r"\d", r"\D")
