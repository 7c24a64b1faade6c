"""What a pattern's matches surely have in common, in a form that an automaton finds fast.

A pattern of many optional words makes a large automaton. What is needed to rule nearly every line out is little: how
its matches begin, or, where they may begin with anything, some words that all of them hold. Whether a line matches is
then for the pattern itself to say.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from .dialect import flat_pieces

LENGTH = 10  # atoms of a beginning that are looked at
MAX_BEGINNINGS = 48
_WILD = re.compile(r"(?:\.|\[\^.*|\\[WDSw])\+?", re.DOTALL)
_COUNT = re.compile(r"\{([0-9]*)(,?)([0-9]*)\}")


@dataclass(frozen=True)
class Repeat:
    """An atom, or a choice of sequences, and how often it may stand."""

    atom: str
    choices: tuple[tuple[Repeat, ...], ...]
    least: int
    most: int


Sequence = tuple[Repeat, ...]
Beginning = tuple[tuple[str, ...], bool]  # atoms, and whether the match ends after them


def signatures(pattern: str) -> list[str]:
    """Give expressions, one of which matches in every folded and flattened line that the pattern matches.

    >>> signatures("share( this)?")
    ['^(?:share(?: +)this$|share$)']
    """
    return [_signature(branch) for branch in _parse(flat_pieces(pattern))]


def _signature(sequence: Sequence) -> str:
    anchored = _beginnings(sequence)
    if _score(anchored) >= 4:
        return f"^{_join(anchored, ends=True)}"
    best, found = _score(anchored), f"^{_join(anchored, ends=True)}"
    for at in range(1, len(sequence)):
        inner = _beginnings(sequence[at:])
        if _score(inner) > best:
            best, found = _score(inner), _join(inner, ends=True)
    return found


def _join(beginnings: set[Beginning], *, ends: bool) -> str:
    texts = sorted("".join(atoms) + ("$" if done and ends else "") for atoms, done in beginnings)
    return f"(?:{'|'.join(texts)})"


def _score(beginnings: set[Beginning]) -> int:
    """Count the atoms that say something in the least telling beginning; one that is all there is says enough."""
    return min((LENGTH if done else sum(not _WILD.fullmatch(a) for a in atoms)) for atoms, done in beginnings)


def _beginnings(sequence: Sequence) -> set[Beginning]:
    """Give all beginnings of a sequence, as long as there are not too many of them."""
    for length in range(LENGTH, 0, -1):
        found = _expand(sequence, length)
        if found is not None and len(found) <= MAX_BEGINNINGS:
            return found
    return {((), False)}


def _expand(sequence: Sequence, length: int) -> set[Beginning] | None:
    """Give the beginnings of up to `length` atoms, or None if they are far too many."""
    grown: set[Beginning] = {((), True)}
    for repeat in sequence:
        once = _once(repeat, length)
        if once is None:
            return None
        following: set[Beginning] = set()
        for atoms, open_ in grown:
            if open_ and len(atoms) < length:
                following |= _repeated(atoms, once, repeat, length)
            else:
                following.add((atoms, False))
        grown = following
        if len(grown) > 20 * MAX_BEGINNINGS:
            return None
    return _shorten(grown)


def _repeated(atoms: tuple[str, ...], once: set[Beginning], repeat: Repeat, length: int) -> set[Beginning]:
    """Let what stands `once` follow on some atoms, as often as it may."""
    current: set[Beginning] = {(atoms, True)}
    found = set(current) if repeat.least == 0 else set()
    if repeat.atom and (repeat.most > 4 or repeat.least < repeat.most > 1):
        # one repeated atom is kept as one, however often it stands
        return found | {((*atoms, f"{repeat.atom}+"), True)}
    rounds = min(repeat.most, length)
    for count in range(1, rounds + 1):
        current = {
            ((before + after)[:length], open_ and len(before + after) <= length)
            for before, before_open in current
            if before_open
            for after, open_ in once
        } | {(before, False) for before, before_open in current if not before_open}
        if count >= repeat.least:
            found |= current
        if len(found) > 20 * MAX_BEGINNINGS or not any(open_ for _, open_ in current):
            break
    # whatever comes after more rounds begins like these
    return found | {(before, False) for before, _ in current} if repeat.most > rounds or repeat.least > count else found


def _shorten(grown: set[Beginning]) -> set[Beginning]:
    """Leave out beginnings that another one is the beginning of."""
    cut = {atoms for atoms, done in grown if not done}
    kept = set()
    for atoms, done in grown:
        if not any(atoms[:size] in cut for size in range(len(atoms) + (1 if done else 0))):
            kept.add((atoms, done))
    return kept


def _once(repeat: Repeat, length: int) -> set[Beginning] | None:
    if repeat.atom:
        return {((repeat.atom,), True)}
    found: set[Beginning] = set()
    for choice in repeat.choices:
        expanded = _expand(choice, length)
        if expanded is None:
            return None
        found |= expanded
    return found


def _parse(pieces: list[str]) -> tuple[Sequence, ...]:
    """Parse an expression that was cut into pieces: the choices at its top."""
    choices, rest = _parse_choices(pieces, 0)
    if rest != len(pieces):
        raise ValueError("a bracket is closed that was not opened")
    return choices


def _parse_choices(pieces: list[str], at: int) -> tuple[tuple[Sequence, ...], int]:
    choices: list[Sequence] = []
    sequence: list[Repeat] = []
    while at < len(pieces) and pieces[at] != ")":
        piece = pieces[at]
        if piece == "|":
            choices.append(tuple(sequence))
            sequence = []
            at += 1
        elif piece == "(":
            header, at = _header(pieces, at)
            inner, at = _parse_choices(pieces, at)
            if at >= len(pieces):
                raise ValueError("a bracket is opened that is not closed")
            least, most, at = _bounds(pieces, at + 1)
            # what is only looked at takes no room: it may stand for nothing
            sequence.append(Repeat("", inner if header != "look" else ((),), least, most))
        else:
            least, most, at = _bounds(pieces, at + 1)
            sequence.append(Repeat("" if piece in (r"\b", r"\B") else piece, ((),), least, most))
    return (*choices, tuple(sequence)), at


def _header(pieces: list[str], at: int) -> tuple[str, int]:
    """Read what follows an opening bracket: nothing, ?:, ?P<name>, or a look around."""
    if pieces[at + 1 : at + 2] != ["?"]:
        return "group", at + 1
    kind = pieces[at + 2]
    if kind in "=!":
        return "look", at + 3
    if kind == "<" and pieces[at + 3] in "=!":
        return "look", at + 4
    if kind in "P<":
        while pieces[at] != ">":
            at += 1
        return "group", at + 1
    return "group", at + 3


def _bounds(pieces: list[str], at: int) -> tuple[int, int, int]:
    """Read how often the piece before `at` stands; give least, most and where to read on."""
    least, most = 1, 1
    if at < len(pieces):
        count = _COUNT.fullmatch(pieces[at])
        if pieces[at] in "*+?":
            least, most = (1 if pieces[at] == "+" else 0), (1 if pieces[at] == "?" else 999)
            at += 1
        elif count and (count[1] or count[3]):
            least = int(count[1] or 0)
            most = int(count[3]) if count[3] else 999 if count[2] else least
            at += 1
        if at < len(pieces) and pieces[at] in "?+" and (least, most) != (1, 1):
            at += 1
    return least, most, at
