"""Prefilters: the literals that the matches of a pattern begin and end with, which are fast to look up.

A pattern of many optional words makes a large automaton. Most lines can be ruled out by much less: by the few bytes
that they begin and end with. Only the pattern itself decides whether one of the other lines matches.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, TypeVar

from .syntax import Repeat, parse, split_choices

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from .syntax import Sequence

T = TypeVar("T")
NUMBER = b"0123456789,."
KEY_BYTES = 8  # the longest prefix literal; the line feed behind a whole line counts
SUFFIX_BYTES = 6  # the longest suffix literal, likewise
MIN_PREFIX = 2  # bytes; a shorter prefix rules out too few lines, unless it is a punctuation mark
MAX_LITERALS = 300  # of one choice of a pattern
MAX_RANGE = 12  # characters of a range that are written out
_ONE_CHARACTER = re.compile(r"\\?[^\\\w]|\w|[^\x00-\x7f]", re.ASCII)
_NUMERIC = re.compile(r"(?:\[(?:0-9|\\?[0-9,.])+\]|[0-9])\+?")


class _TooManyError(Exception):
    """There are more openings than are worth a look."""


@dataclass(frozen=True)
class Prefilter:
    """What all lines that match one choice of a pattern have in common. A line feed marks an end of the line.

    The lines begin with one of `prefixes` or, after a number, with one of `number_prefixes`. A number is any run of
    digits, commas and full stops, also an empty one. If both sets are empty, the lines may begin with anything. The
    lines end in one of `suffixes`, or in anything if that set is empty.
    """

    choice: str
    prefixes: frozenset[bytes] = frozenset()
    number_prefixes: frozenset[bytes] = frozenset()
    suffixes: frozenset[bytes] = frozenset()

    @property
    def is_wild(self) -> bool:
        """Whether lines may begin with anything."""
        return not self.prefixes | self.number_prefixes


Opening = tuple[tuple[str, ...], bool]
"""The first atoms of a match, and whether the match ends after them. An atom with a plus behind it may repeat."""


def prefilters(expression: str) -> list[Prefilter]:
    r"""Return the prefilter of each choice at the top of a translated pattern.

    >>> [sorted(prefilter.prefixes) for prefilter in prefilters("share( it)?|print")]
    [[b'share\n', b'share it'], [b'print\n']]
    >>> [sorted(prefilter.number_prefixes) for prefilter in prefilters("[0-9]+ likes?")]
    [[b' like\n', b' likes\n']]
    >>> [sorted(prefilter.suffixes) for prefilter in prefilters(".{2,40} said|[a-z]{1,9}")]
    [[b' said\n'], []]
    """
    choices = zip(split_choices(expression), parse(expression), strict=True)
    return [_make_prefilter(text, sequence) for text, sequence in choices]


def _make_prefilter(text: str, sequence: Sequence) -> Prefilter:
    prefixes, number_prefixes = _longest(_find_prefixes, sequence, KEY_BYTES) or (frozenset(), frozenset())
    suffixes = _longest(_find_suffixes, _reverse(sequence), SUFFIX_BYTES - 1) or frozenset()
    if not suffixes and min(map(len, prefixes | number_prefixes), default=0) < KEY_BYTES:
        # a short prefix and any suffix: too many lines have that
        return Prefilter(text)
    return Prefilter(text, prefixes, number_prefixes, suffixes)


def _longest(find: Callable[[Sequence, int], T | None], sequence: Sequence, length: int) -> T | None:
    """Return what `find` finds for the greatest number of atoms, up to `length`, for which it finds anything."""
    for atoms in range(length, 0, -1):
        try:
            found = find(sequence, atoms)
        except _TooManyError:
            continue
        if found is not None:
            return found
    return None


def _find_prefixes(sequence: Sequence, length: int) -> tuple[frozenset[bytes], frozenset[bytes]] | None:
    """Return the prefix literals of up to `length` atoms, and those that follow a number.

    Return None if one of them says too little. Raise `_TooManyError` if they are too many.
    """
    prefixes: set[bytes] = set()
    number_prefixes: set[bytes] = set()
    for atoms, complete in _expand(sequence, length):
        digits = next((i for i, atom in enumerate(atoms) if not _NUMERIC.fullmatch(atom)), len(atoms))
        texts, complete = _spell_out(atoms[digits:], complete)
        literals = {f"{text}\n".encode()[:KEY_BYTES] if complete else text.encode()[:KEY_BYTES] for text in texts}
        if not all(len(literal) >= (1 if digits else MIN_PREFIX) or _is_mark(literal) for literal in literals):
            return None
        # the index skips the whole number of a line, so that no literal behind it may begin with a part of one
        if digits and any(literal[0] in NUMBER for literal in literals):
            return None
        (number_prefixes if digits else prefixes).update(literals)
        if len(prefixes) > MAX_LITERALS:
            raise _TooManyError
    return frozenset(prefixes), frozenset(number_prefixes)


def _find_suffixes(backwards: Sequence, length: int) -> frozenset[bytes] | None:
    """Return the suffix literals of up to `length` atoms of a sequence that is given `backwards`.

    Return None if one of them says too little. Raise `_TooManyError` if they are too many.
    """
    suffixes: set[bytes] = set()
    for atoms, complete in _expand(backwards, length):
        texts, complete = _spell_out(atoms, complete)
        start = "\n" if complete else ""
        literals = {f"{start}{text[::-1]}\n".encode()[-SUFFIX_BYTES:] for text in texts}
        if any(len(literal) < 2 for literal in literals):  # a line feed alone
            return None
        suffixes |= literals
        if len(suffixes) > MAX_LITERALS:
            raise _TooManyError
    return frozenset(suffixes)


@cache
def _reverse(sequence: Sequence) -> Sequence:
    return tuple(
        Repeat(repeat.atom, tuple(map(_reverse, repeat.choices)), repeat.least, repeat.most)
        for repeat in reversed(sequence)
    )


def _spell_out(atoms: Iterable[str], complete: bool) -> tuple[list[str], bool]:
    """Return the texts that some atoms match, up to the first atom that stands for too much.

    The second value says whether a match ends after these texts.

    >>> _spell_out(["a", "[bc]"], True), _spell_out(["a", "b+", "c"], True), _spell_out(["a", "[^b]"], True)
    ((['ab', 'ac'], True), (['ab'], False), (['a'], False))
    """
    texts = [""]
    for atom in atoms:
        single = atom if atom in ("+", r"\+") else atom.removesuffix("+")
        members = _list_members(single)
        if members is None or len(members) * len(texts) > MAX_LITERALS:
            return texts, False
        texts = [text + member for text in texts for member in members]
        if single != atom:  # it may repeat: what follows is not known
            return texts, False
    return texts, complete


def _is_mark(literal: bytes) -> bool:
    """Return whether a literal is one ASCII punctuation mark, which few lines begin with."""
    return len(literal) == 1 and not literal.isalnum() and literal != b" "


def _list_members(atom: str) -> list[str] | None:
    r"""Return the characters that an atom matches, or None if they are too many.

    >>> _list_members("[a-cx]"), _list_members(r"\."), _list_members("."), _list_members("[a-z]")
    (['a', 'b', 'c', 'x'], ['.'], None, None)
    """
    if _ONE_CHARACTER.fullmatch(atom) and atom != ".":
        return [atom[-1]]
    if not atom.startswith("[") or atom.startswith("[^"):
        return None
    members: list[str] = []
    parts = re.findall(r"\\?.", atom[1:-1], re.DOTALL)
    for at, part in enumerate(parts):
        if part == "-" and 0 < at < len(parts) - 1:
            low, high = ord(members[-1]), ord(parts[at + 1][-1])
            if high - low > MAX_RANGE:
                return None
            members += [chr(code) for code in range(low + 1, high)]
        elif len(part) == 2 and part[1].isalnum():
            return None
        else:
            members.append(part[-1])
    return members if len(members) <= 2 * MAX_RANGE else None


def _expand(sequence: Sequence, length: int) -> set[Opening]:
    """Return the openings of a sequence, up to `length` atoms long. Raise `_TooManyError` if they are too many.

    >>> sorted(_expand(parse("ab?c")[0], 2))
    [(('a', 'b'), False), (('a', 'c'), True)]
    """
    openings: set[Opening] = {((), True)}
    for repeat in sequence:
        once = _expand_once(repeat, length)
        longer: set[Opening] = set()
        for atoms, complete in openings:
            if complete and len(atoms) < length:
                longer |= _append(atoms, repeat, once, length)
            else:
                longer.add((atoms, False))
        openings = longer
        if len(openings) > MAX_LITERALS:
            raise _TooManyError
    return _drop_extensions(openings)


def _expand_once(repeat: Repeat, length: int) -> set[Opening]:
    """Return the openings of one occurrence of a part."""
    if repeat.atom:
        return {((repeat.atom,), True)}
    return {opening for choice in repeat.choices for opening in _expand(choice, length)}


def _append(atoms: tuple[str, ...], repeat: Repeat, once: set[Opening], length: int) -> set[Opening]:
    """Return the openings that begin with some atoms and go on with a part, as often as it may occur.

    `once` are the openings of one occurrence of the part.

    >>> sorted(_append(("a",), Repeat("b", (), 0, 2), {(("b",), True)}, 4))
    [(('a',), True), (('a', 'b+'), True)]
    >>> sorted(_append((), Repeat("", (), 1, 2), {(("b", "c"), True)}, 4))
    [(('b', 'c'), True), (('b', 'c', 'b', 'c'), True)]
    """
    unchanged: set[Opening] = {(atoms, True)}
    openings = set(unchanged) if repeat.least == 0 else set()
    if repeat.atom and (repeat.most > 4 or repeat.least < repeat.most > 1):
        # one atom that repeats is kept as one, however often it occurs
        return openings | {((*atoms, f"{repeat.atom}+"), True)}
    rounds = min(repeat.most, length)
    current = unchanged
    count = 0
    for count in range(1, rounds + 1):
        current = _append_once(current, once, length)
        if count >= repeat.least:
            openings |= current
        if len(current) > MAX_LITERALS:
            raise _TooManyError
        if not any(complete for _, complete in current):
            break
    if repeat.most > rounds or repeat.least > count:
        # after more rounds, a match still begins like these
        openings |= {(opening, False) for opening, _ in current}
    return openings


def _append_once(openings: set[Opening], once: set[Opening], length: int) -> set[Opening]:
    """Return the openings behind each of which one more occurrence of a part was written."""
    longer = {(atoms, False) for atoms, complete in openings if not complete}
    for before, complete in openings:
        for after, ends in once if complete else ():
            atoms = before + after
            longer.add((atoms[:length], ends and len(atoms) <= length))
    return longer


def _drop_extensions(openings: set[Opening]) -> set[Opening]:
    """Leave out the openings that begin like a shorter one whose match goes on.

    >>> sorted(_drop_extensions({(("a",), False), (("a", "b"), True), (("b",), True)}))
    [(('a',), False), (('b',), True)]
    """
    cut_short = {atoms for atoms, complete in openings if not complete}
    kept = set()
    for atoms, complete in openings:
        shorter = range(len(atoms) + (1 if complete else 0))
        if not any(atoms[:size] in cut_short for size in shorter):
            kept.add((atoms, complete))
    return kept
