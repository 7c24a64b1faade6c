"""Patterns as automata over bytes: the positions of a pattern, and which position may follow which.

A position is a place in a pattern that takes one byte. For `ab?`, position 0 takes `a`, position 1 takes `b`; a match
begins at 0, 1 may follow 0, and a match may end at both. This is the automaton of Glushkov. It has no state without a
byte, which makes it fast to run.

An automaton takes at least what its pattern takes. If it takes nothing else it is exact, and `regex` is not needed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

import regex

from .dialect import tokenize
from .syntax import parse

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .syntax import Repeat, Sequence

LONGEST_LINE = 240  # bytes: an upper bound that no line exceeds is no bound
MAX_COPIES = 24  # of one character that repeats
MAX_GROUP_COPIES = 4
MAX_FIRST = 20  # bytes that a match may begin with at one position
MAX_SEQUENCES = 24  # byte sequences that one class is spelled out in
_LAST = 0x10FFFF
_ASCII = "".join(map(chr, range(128)))
_SURROGATES = range(0xD800, 0xE000)
_CLASS_ESCAPES = (r"\w", r"\W", r"\d", r"\D")

ByteRange = tuple[int, int]
"""The first and the last of some bytes."""


class _Part(NamedTuple):
    """The positions that a match of a part begins and ends with, and whether the part matches nothing, too."""

    first: tuple[int, ...]
    last: tuple[int, ...]
    can_be_empty: bool


_NOTHING = _Part((), (), can_be_empty=True)


@dataclass
class Automaton:
    """The positions of several patterns, numbered through.

    Position `p` takes the bytes `bytes_of[p]`; `follow[p]` are the positions behind it. A match of pattern `k` begins
    with one of `first[k]`, and `accepts[p]` is the pattern that a match may end in at `p`, or -1. A position may be
    behind another more than once.
    """

    bytes_of: list[frozenset[int]] = field(default_factory=list)
    follow: list[list[int]] = field(default_factory=list)
    accepts: list[int] = field(default_factory=list)
    first: list[tuple[int, ...]] = field(default_factory=list)
    exact: list[bool] = field(default_factory=list)

    def add(self, expression: str) -> bool:
        """Add a translated pattern. Return False if it may begin with too many bytes: then it matches nothing.

        Nearly any line would keep the automaton busy with such a pattern.

        >>> automaton = Automaton()
        >>> automaton.add("ab?"), automaton.add(".+")
        (True, False)
        >>> automaton.first, automaton.follow, automaton.accepts, automaton.exact
        ([(0,), ()], [[1], []], [0, 0], [True, False])
        """
        size = len(self.follow)
        builder = _Builder(self, exact=_is_plain(tokenize(expression)))
        part = builder.build_choices(parse(expression))
        if any(len(self.bytes_of[position]) > MAX_FIRST for position in part.first):
            del self.bytes_of[size:], self.follow[size:], self.accepts[size:]
            self.first.append(())
            self.exact.append(False)
            return False
        for position in part.last:
            self.accepts[position] = len(self.first)
        self.first.append(part.first)
        self.exact.append(builder.exact)
        return True


class _Builder:
    """Adds the positions of one pattern to an automaton."""

    def __init__(self, automaton: Automaton, *, exact: bool) -> None:
        self._automaton = automaton
        self.exact = exact

    def build_choices(self, choices: Iterable[Sequence]) -> _Part:
        return _join_choices(self._build_sequence(sequence) for sequence in choices)

    def _build_sequence(self, sequence: Sequence) -> _Part:
        if not sequence:
            return _NOTHING
        part = self._build_repeat(sequence[0])
        for repeat in sequence[1:]:
            part = self._follow(part, self._build_repeat(repeat))
        return part

    def _build_repeat(self, repeat: Repeat) -> _Part:
        """Build a part as often as it must occur, then the optional rest.

        `a{2,4}` becomes `aa(a(a)?)?`, and `a{2,}` becomes `aaa*`.
        """
        if repeat.least == repeat.most == 1:
            return self._build_once(repeat)
        most_copies = MAX_COPIES if repeat.atom else MAX_GROUP_COPIES
        unbounded = repeat.most >= LONGEST_LINE
        if not unbounded and repeat.most > most_copies:
            self.exact, unbounded = False, True
        least = repeat.least
        if least > most_copies:
            self.exact, least = False, most_copies
        part = _NOTHING
        for _ in range(least):
            part = self._follow(part, self._build_once(repeat))
        if unbounded:
            return self._follow(part, self._star(self._build_once(repeat)))
        rest = _NOTHING
        for _ in range(repeat.most - least):
            rest = _optional(self._follow(self._build_once(repeat), rest))
        return self._follow(part, rest)

    def _build_once(self, repeat: Repeat) -> _Part:
        return self._build_atom(repeat.atom) if repeat.atom else self.build_choices(repeat.choices)

    def _build_atom(self, atom: str) -> _Part:
        sequences, exact = byte_sequences(atom)
        self.exact &= exact
        return _join_choices(self._build_bytes(sequence) for sequence in sequences)

    def _build_bytes(self, sequence: Iterable[ByteRange]) -> _Part:
        (low, high), *others = sequence
        part = self._add_position(_byte_set(low, high))
        for low, high in others:
            part = self._follow(part, self._add_position(_byte_set(low, high)))
        return part

    def _add_position(self, values: frozenset[int]) -> _Part:
        number = len(self._automaton.follow)
        self._automaton.bytes_of.append(values)
        self._automaton.follow.append([])
        self._automaton.accepts.append(-1)
        return _Part((number,), (number,), can_be_empty=False)

    def _follow(self, before: _Part, after: _Part) -> _Part:
        for position in before.last:
            self._automaton.follow[position] += after.first
        return _Part(
            before.first + after.first if before.can_be_empty else before.first,
            before.last + after.last if after.can_be_empty else after.last,
            before.can_be_empty and after.can_be_empty,
        )

    def _star(self, part: _Part) -> _Part:
        return _optional(self._follow(part, part) if part.last else part, part)


def _optional(part: _Part, ends: _Part | None = None) -> _Part:
    return _Part((ends or part).first, (ends or part).last, can_be_empty=True)


def _join_choices(parts: Iterable[_Part]) -> _Part:
    joined = [*parts]
    if len(joined) == 1:
        return joined[0]
    return _Part(
        tuple(position for part in joined for position in part.first),
        tuple(position for part in joined for position in part.last),
        any(part.can_be_empty for part in joined),
    )


def _is_plain(tokens: list[str]) -> bool:
    r"""Return whether an expression has no part that positions leave out: edges of words, looks around and so on.

    >>> [_is_plain(tokenize(pattern)) for pattern in (r"a(b|c)+", r"\ba", "(?!a)b", "(?>a|b)c", "a++")]
    [True, False, False, False, False]
    """
    if any(token in (r"\b", r"\B") for token in tokens):
        return False
    for at, token in enumerate(tokens):
        after = "".join(tokens[at + 1 : at + 4])
        if token == "(" and after.startswith(("?=", "?!", "?>", "?<=", "?<!")):
            return False
        is_quantifier = token in ("*", "+", "?") or (len(token) > 1 and token[0] == "{")
        if is_quantifier and after[:1] == "+":
            return False
    return True


@lru_cache(maxsize=1 << 14)
def byte_sequences(atom: str) -> tuple[tuple[tuple[ByteRange, ...], ...], bool]:
    r"""Return the bytes of the characters that one atom takes, as sequences of byte ranges, and whether that is exact.

    >>> byte_sequences("a"), byte_sequences("[éa]")
    (((((97, 97),),), True), ((((97, 97),), ((195, 195), (169, 169))), True))
    """
    sequences: list[tuple[ByteRange, ...]] = [((low, high),) for low, high in _ascii_members(atom)]
    wide = _wide_members(atom)
    of_wide = [*islice((sequence for low, high in wide for sequence in _encode_range(low, high)), MAX_SEQUENCES + 1)]
    if len(of_wide) <= MAX_SEQUENCES:
        return (*sequences, *of_wide), True
    return (*sequences, *_encode_range(0x80, _LAST)), False


@lru_cache(maxsize=1 << 12)
def _ascii_members(atom: str) -> list[ByteRange]:
    expression: Any = regex.compile(atom)
    return _runs(map(ord, expression.findall(_ASCII)))


def _wide_members(atom: str) -> list[ByteRange]:
    """Return the characters beyond ASCII that an atom takes, as ranges of code points."""
    if atom.isascii() and not any(escape in atom for escape in (*_CLASS_ESCAPES, r"\x", r"\u")):
        takes_others = atom == "." or atom.startswith("[^")
        return [(0x80, _LAST)] if takes_others else []
    if len(atom) == 1:
        return [(ord(atom), ord(atom))]
    if _is_list(atom):
        return _runs(sorted({ord(character) for character in atom if ord(character) >= 0x80}))
    expression: Any = regex.compile(f"(?:{atom})+")
    wide = _all_wide()
    return [(_code(wide[match.start()]), _code(wide[match.end() - 1])) for match in expression.finditer(wide)]


def _is_list(atom: str) -> bool:
    r"""Return whether an atom is a class that names each of its characters.

    >>> [_is_list(atom) for atom in ("[eé]", "[^é]", "[а-я]", r"[é\w]", "[[:alpha:]é]")]
    [True, False, False, False, False]
    """
    return atom[0] == "[" and atom[-1] == "]" and not any(sign in atom[1:-1] for sign in "^-\\[]&|~")


def _code(character: str) -> int:
    return ord(character)


@lru_cache(maxsize=1)
def _all_wide() -> str:
    """Return all characters beyond ASCII in order. Surrogates are no characters."""
    return "".join(chr(code) for code in range(0x80, _LAST + 1) if code not in _SURROGATES)


def _runs(codes: Iterable[int]) -> list[ByteRange]:
    """Return sorted numbers as ranges.

    >>> _runs([1, 2, 5])
    [(1, 2), (5, 5)]
    """
    runs: list[ByteRange] = []
    for code in codes:
        if runs and runs[-1][1] == code - 1:
            runs[-1] = (runs[-1][0], code)
        else:
            runs.append((code, code))
    return runs


def _encode_range(low: int, high: int) -> list[tuple[ByteRange, ...]]:
    r"""Return the UTF-8 of a range of code points as sequences of byte ranges.

    >>> _encode_range(0x80, 0x7FF)
    [((194, 223), (128, 191))]
    >>> _encode_range(0xE8, 0x101)
    [((195, 195), (168, 191)), ((196, 196), (128, 129))]
    """
    for limit in (0x7F, 0x7FF, 0xFFFF):
        if low <= limit < high:
            return _encode_range(low, limit) + _encode_range(limit + 1, high)
    first, last = chr(low).encode("utf-8", "surrogatepass"), chr(high).encode("utf-8", "surrogatepass")
    for at in range(len(first) - 1):
        if first[at] == last[at]:
            continue
        # what follows the first byte that differs must run over its whole range
        unit = 1 << 6 * (len(first) - 1 - at)
        if low % unit:
            edge = (low // unit + 1) * unit
            return _encode_range(low, edge - 1) + _encode_range(edge, high)
        if high % unit != unit - 1:
            edge = high // unit * unit
            return _encode_range(low, edge - 1) + _encode_range(edge, high)
        break
    return [tuple(zip(first, last, strict=True))]


@lru_cache(maxsize=1 << 12)
def _byte_set(low: int, high: int) -> frozenset[int]:
    return frozenset(range(low, high + 1))
