"""Explosive patterns: find a line on which matching takes longer than anybody would wait.

A pattern that can match the same characters in many ways, such as `(a+)+`, `(a|ab|b)*` or `( ?(and|,)+)*`, tries them
all before it gives up. For each part that repeats, this module makes lines that lead to the part, go through it more
and more often, and then cannot go on. It tries them with `re`, which takes every way: a line on which `re` is quick is
quick on every engine. A pattern that passes may still explode on another line. Then the rule fails there, and
is switched off if that happens again and again: see `budget` of the kernel.
"""

from __future__ import annotations

import math
import re
import time
from collections.abc import Callable
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any

import regex

from .dialect import translate
from .syntax import parse, split_choices

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .syntax import Repeat, Sequence

SECONDS = 0.1  # of processor time that a line may take
ALL_SECONDS = 5.0  # that all lines for one choice of a pattern may take
TIMES = range(4, 25, 2)  # how often a line goes through a part: in small steps, as each may multiply the time
WHOLE_LINE, INSIDE_LINE = 240, 2000  # characters of a line: the kernel shows no longer ones to rules for whole lines
MANY = 8  # repeats from which on there may be too many ways
ENOUGH = 3  # parts that repeat, next to each other, from which on lines are tried
_REPEATED = re.compile(r"[*+{]")
_REPEATED_GROUP = re.compile(r"\)[*+{]")
_DEAD_ENDS = ("\x00", "!", " a")  # what a line goes on with, so that it cannot match in the end
_SAMPLES = "a 0-x.!?,:é\"'()[]/&|+*@#$%"
_CLASS_SYNTAX = str.maketrans("", "", r"\[]^-")


Run = Callable[[Callable[[], object]], object]
"""Calls a function. It may raise `TimeoutError` if that takes too long."""


def find_explosion(pattern: str, *, inside: bool = False, run: Run = lambda work: work()) -> str | None:
    """Return a line on which a pattern takes too long, or None.

    `inside` is for patterns that match inside a line. `run` has to end a match that would go on for hours, which `re`
    itself cannot do. A time box can.

    >>> find_explosion("(more|less)+ news"), (find_explosion("(a+)+ news") or "")[:18]
    (None, 'aaaaaaaaaaaaaaaaaa')
    """
    if not (_REPEATED_GROUP.search(pattern) or len(_REPEATED.findall(pattern)) >= ENOUGH):
        return None
    expression = translate(pattern)
    for text, sequence in zip(split_choices(expression), parse(expression), strict=True):
        if _count_ways([sequence]) < ENOUGH:
            continue
        compiled = _compile(text)
        match = compiled.search if inside else compiled.fullmatch
        spent = 0.0
        for line in _make_lines(sequence, INSIDE_LINE if inside else WHOLE_LINE):
            seconds = _measure(partial(match, line), run)
            spent += seconds
            if seconds > SECONDS or spent > ALL_SECONDS:
                return line
    return None


def _measure(match: Callable[[], object], run: Run) -> float:
    """Return the seconds of processor time that a match takes, or infinity if it was ended."""
    started = time.process_time()
    try:
        run(match)
    except TimeoutError:
        return math.inf
    return time.process_time() - started


def _compile(text: str) -> Any:
    try:
        return re.compile(text)
    except re.error:  # something that `regex` alone knows, such as a possessive repeat
        return regex.compile(text)


def _count_ways(choices: Iterable[Sequence]) -> int:
    """Count what makes for many ways: parts that repeat often, and above all those that hold others or choices.

    >>> [_count_ways(parse(pattern)) for pattern in ("ab*", "(ab)*c*", "(a|b)*", "(a+)*")]
    [1, 2, 3, 4]
    """
    return sum(
        (repeat.most >= MANY) * (ENOUGH if _is_ambiguous(repeat) else 1) + _count_ways(repeat.choices)
        for sequence in choices
        for repeat in sequence
    )


def _is_ambiguous(repeat: Repeat) -> bool:
    """Return whether a part by itself may match in more than one way."""
    return len(repeat.choices) > 1 or any(
        part.least < part.most or _is_ambiguous(part) for sequence in repeat.choices for part in sequence
    )


def _make_lines(sequence: Sequence, size: int) -> Iterator[str]:
    """Yield lines of up to `size` characters that go through a part ever more often, and then cannot go on.

    Some of them end in the text that should follow the part.
    """
    for lead, pump, rest in dict.fromkeys(_find_pumps((sequence,), "", "")):
        for end in dict.fromkeys((*_DEAD_ENDS, f"{_DEAD_ENDS[0]}{rest}")):
            lines = (lead + pump * times + end for times in TIMES)
            yield from (line for line in lines if len(line) <= size)


def _find_pumps(choices: tuple[Sequence, ...], lead: str, rest: str) -> Iterator[tuple[str, str, str]]:
    """Yield, for parts that repeat, a text that leads there, one that the part matches once, and one that may follow.

    >>> list(_find_pumps(parse("x(ab?)*c"), "", ""))
    [('x', 'a', 'c'), ('x', 'ab', 'c')]
    """
    for sequence in choices:
        samples = [_sample(repeat) for repeat in sequence]
        for at, repeat in enumerate(sequence):
            before = lead + "".join(samples[:at])
            after = "".join(_sample(following, full=True) for following in sequence[at + 1 :]) + rest
            if repeat.most >= MANY:
                for pump in (*_sample_choices(repeat, full=False), *_sample_choices(repeat, full=True)):
                    if pump:
                        yield before, pump, after
            yield from _find_pumps(repeat.choices, before, after)


def _sample_choices(repeat: Repeat, *, full: bool) -> list[str]:
    """Return a text for each choice of a part: `full` with all that is optional, else with nothing of it."""
    if repeat.atom:
        return [_sample_atom(repeat.atom)]
    return ["".join(_sample(part, full=full) for part in sequence) for sequence in repeat.choices]


def _sample(repeat: Repeat, *, full: bool = False) -> str:
    """Return a text that a part matches."""
    times = max(repeat.least, min(repeat.most, 1) if full else 0)
    return _sample_choices(repeat, full=full)[0] * times if times else ""


@lru_cache(maxsize=4096)
def _sample_atom(atom: str) -> str:
    """Return a character that an atom matches, or an empty text if none of the usual ones does.

    >>> _sample_atom("[a-z]"), _sample_atom("[^a ]"), _sample_atom("ж")
    ('a', '0', 'ж')
    """
    expression: Any = regex.compile(atom)
    members = atom.translate(_CLASS_SYNTAX)
    return next((character for character in _SAMPLES + members if expression.fullmatch(character)), "")
