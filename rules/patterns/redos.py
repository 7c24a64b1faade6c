"""Patterns that explode: lines made to fit, on which matching takes longer than anybody would wait.

A pattern that may match the same characters in many ways, as `(a+)+`, `(a|ab|b)*` and `( ?(and|,)+)*` do, tries them
all before it gives up. For each part that repeats, lines are made that lead to it, go through it more and more often,
and then cannot go on. They are tried by `re`, which takes every way there is: what it is quick on, every engine is. A
pattern that gets through may still explode on another line: then the kernel's own limit counts it as no match.
"""

from __future__ import annotations

import re
import time
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import regex

from .dialect import translate
from .prefilter import parse, split_choices

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .prefilter import Repeat, Sequence

SECONDS = 0.1  # of processor time that a line may take
TIMES = range(4, 25, 2)  # how often a line goes through a part: step by step, as each may take many times as long
WHOLE, INSIDE = 240, 2000  # characters of a line: the kernel shows no longer ones to rules for whole lines
MANY = 8  # repeats from which on there may be too many ways
ENOUGH = 3  # parts that repeat, next to each other, from which on lines are tried
_REPEATED = re.compile(r"[*+{]")
_REPEATED_GROUP = re.compile(r"\)[*+{]")
_TAILS = ("\x00", "!", " a")  # what a line goes on with, so that it cannot match in the end
_SAMPLES = "a 0-x.!?,:é\"'()[]/&|+*@#$%"


def find_explosion(pattern: str, *, inside: bool = False) -> str | None:
    """Give a line that a pattern takes too long on, None if none is found; `inside` for a rule with that zone.

    >>> find_explosion("(more|less)+ news"), (find_explosion("(a+)+ news") or "")[:18]
    (None, 'aaaaaaaaaaaaaaaaaa')
    """
    if not (_REPEATED_GROUP.search(pattern) or len(_REPEATED.findall(pattern)) >= ENOUGH):
        return None
    expression = translate(pattern)
    for text, sequence in zip(split_choices(expression), parse(expression), strict=True):
        if _ways([sequence]) < ENOUGH:
            continue
        compiled = _compile(text)
        match = compiled.search if inside else compiled.fullmatch
        for line in _lines(sequence, INSIDE if inside else WHOLE):
            started = time.process_time()
            match(line)
            if time.process_time() - started > SECONDS:
                return line
    return None


def _compile(text: str) -> Any:
    try:
        return re.compile(text)
    except re.error:  # something that `regex` alone knows, such as a possessive repeat
        return regex.compile(text)


def _ways(choices: Iterable[Sequence]) -> int:
    """Count what makes for many ways: parts that repeat often, and above all those that hold others or choices."""
    return sum(
        (repeat.most >= MANY) * (ENOUGH if _is_open(repeat) else 1) + _ways(repeat.choices)
        for sequence in choices
        for repeat in sequence
    )


def _is_open(repeat: Repeat) -> bool:
    """Say whether a part may match in more than one way by itself."""
    return len(repeat.choices) > 1 or any(
        part.least < part.most or _is_open(part) for sequence in repeat.choices for part in sequence
    )


def _lines(sequence: Sequence, size: int) -> Iterator[str]:
    """Give lines that go through a part ever more often; what must follow it stands at the end of some."""
    for lead, pump, rest in dict.fromkeys(_pumps((sequence,), "", "")):
        for tail in dict.fromkeys((*_TAILS, f"{_TAILS[0]}{rest}")):
            lines = (lead + pump * times + tail for times in TIMES)
            yield from (line for line in lines if len(line) <= size)


def _pumps(choices: tuple[Sequence, ...], lead: str, rest: str) -> Iterator[tuple[str, str, str]]:
    """Give, for parts that repeat, a text that leads there, one that it matches once, and one that may follow."""
    for sequence in choices:
        samples = [_sample(repeat) for repeat in sequence]
        for at, repeat in enumerate(sequence):
            before = lead + "".join(samples[:at])
            after = "".join(_sample(following, full=True) for following in sequence[at + 1 :]) + rest
            if repeat.most >= MANY:
                for pump in (*_once(repeat, full=False), *_once(repeat, full=True)):
                    if pump:
                        yield before, pump, after
            yield from _pumps(repeat.choices, before, after)


def _once(repeat: Repeat, *, full: bool) -> list[str]:
    """Give a text for each choice of a part, with all that is optional, or with nothing of it."""
    if repeat.atom:
        return [_character(repeat.atom)]
    return ["".join(_sample(part, full=full) for part in sequence) for sequence in repeat.choices]


def _sample(repeat: Repeat, *, full: bool = False) -> str:
    """Give a text that a part matches."""
    times = max(repeat.least, min(repeat.most, 1) if full else 0)
    return _once(repeat, full=full)[0] * times if times else ""


@lru_cache(maxsize=4096)
def _character(atom: str) -> str:
    """Give a character that an atom matches, or nothing if none is at hand."""
    expression: Any = regex.compile(atom)
    members = re.sub(r"[\\\[\]^-]", "", atom)
    return next((character for character in _SAMPLES + members if expression.fullmatch(character)), "")
