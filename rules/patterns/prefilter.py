"""How the matches of a pattern begin and end, in a form that is found fast.

A pattern of many optional words makes a large automaton, and most lines are ruled out by much less: the few bytes that
they begin and end with. Whether a line matches is then for the pattern itself to say.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from .dialect import pieces

NUMBER = b"0123456789,."
KEY_BYTES = 8  # of a beginning that are looked at, the line feed behind a whole line included
TAIL_BYTES = 6  # of an ending, likewise
MIN_KEY = 2  # bytes below which a letter or digit says too little; a sign says enough
MAX_KEYS = 300  # of one choice of a pattern
MAX_CLASS = 12  # characters of a range that are written out
_SINGLE = re.compile(r"\\?[^\\\w]|\w|[^\x00-\x7f]", re.ASCII)
_COUNT = re.compile(r"\{([0-9]*)(,?)([0-9]*)\}")
_NUMERIC = re.compile(r"(?:\[(?:0-9|\\?[0-9,.])+\]|[0-9])\+?")


class _TooManyError(Exception):
    """There are more beginnings than are worth looking at."""


@dataclass(frozen=True)
class Prefilter:
    """What all lines that match one choice of a pattern have in common; a line feed stands for an end of the line.

    They begin with one of `heads` or, after a number (any run of digits, commas and full stops, also none), with one
    of `after_number`; where both are empty, they may begin with anything. They end in one of `tails`, or anyhow if
    there is none.
    """

    choice: str
    heads: frozenset[bytes] = frozenset()
    after_number: frozenset[bytes] = frozenset()
    tails: frozenset[bytes] = frozenset()


@dataclass(frozen=True)
class Repeat:
    """An atom, or a choice of sequences, and how often it may stand."""

    atom: str
    choices: tuple[tuple[Repeat, ...], ...]
    least: int
    most: int


Sequence = tuple[Repeat, ...]
Beginning = tuple[tuple[str, ...], bool]  # atoms, and whether the match ends after them


def prefilters(expression: str) -> list[Prefilter]:
    r"""Give the signature of each choice at the top of a translated pattern.

    >>> [sorted(choice.heads) for choice in prefilters("share( it)?|print")]
    [[b'share\n', b'share it'], [b'print\n']]
    >>> [sorted(choice.tails) for choice in prefilters(".{2,40} said|[a-z]{1,9}")]
    [[b' said\n'], []]
    """
    choices = zip(split_choices(expression), parse(expression), strict=True)
    return [_signature(text, sequence) for text, sequence in choices]


def parse(expression: str) -> tuple[Sequence, ...]:
    """Give the choices at the top of a translated pattern. Raises `ValueError` for brackets that do not fit."""
    parts = pieces(expression)
    choices, rest = _parse_choices(parts, 0)
    if rest != len(parts):
        raise ValueError("a bracket is closed that was not opened")
    return choices


def split_choices(expression: str) -> list[str]:
    """Give the text of each choice at the top of a translated pattern."""
    texts, depth = [""], 0
    for part in pieces(expression):
        if part == "|" and not depth:
            texts.append("")
            continue
        depth += (part == "(") - (part == ")")
        texts[-1] += part
    return texts


def _signature(text: str, sequence: Sequence) -> Prefilter:
    heads, after_number = _heads(sequence) or (frozenset(), frozenset())
    tails = _tails(sequence) or frozenset()
    if not tails and min(map(len, heads | after_number), default=0) < KEY_BYTES:
        # a short beginning and any ending: too many lines have that
        return Prefilter(text)
    return Prefilter(text, heads, after_number, tails)


def _heads(sequence: Sequence) -> tuple[frozenset[bytes], frozenset[bytes]] | None:
    """Write out all beginnings as bytes, and how those with a number go on after it.

    Gives None if they are too many, too short, or may be anything.
    """
    for length in range(KEY_BYTES, 0, -1):
        try:
            grown = _expand(sequence, length)
        except _TooManyError:
            continue
        keys: set[bytes] = set()
        after: set[bytes] = set()
        for atoms, done in grown:
            number = next((i for i, atom in enumerate(atoms) if not _NUMERIC.fullmatch(atom)), len(atoms))
            written = _write(atoms[number:], done, least=1 if number else MIN_KEY)
            # what follows must not go on with the number: it begins where the whole run of a line's number ends
            if written is None or len(keys) > MAX_KEYS or (number and any(key[0] in NUMBER for key in written)):
                break
            (after if number else keys).update(written)
        else:
            return frozenset(keys), frozenset(after)
    return None


def _tails(sequence: Sequence) -> frozenset[bytes] | None:
    """Write out all endings as bytes: the beginnings of the sequence read backwards, turned round again."""
    backwards = _reverse(sequence)
    for length in range(TAIL_BYTES - 1, 0, -1):
        try:
            grown = _expand(backwards, length)
        except _TooManyError:
            continue
        keys: set[bytes] = set()
        for atoms, done in grown:
            written = _write(atoms, done, least=1, backwards=True)
            if written is None or len(keys) > MAX_KEYS:
                break
            keys.update(written)
        else:
            return frozenset(keys)
    return None


@cache
def _reverse(sequence: Sequence) -> Sequence:
    return tuple(
        Repeat(repeat.atom, tuple(map(_reverse, repeat.choices)), repeat.least, repeat.most)
        for repeat in reversed(sequence)
    )


def _write(atoms: tuple[str, ...], done: bool, *, least: int, backwards: bool = False) -> set[bytes] | None:
    """Write one beginning out as bytes, or None where it cannot be, or says less than `least` bytes."""
    texts = [""]
    for atom in atoms:
        bare = atom if atom in ("+", r"\+") else atom.removesuffix("+")
        members = _members(bare)
        if members is None or len(members) * len(texts) > MAX_KEYS:
            done = False
            break
        texts = [member + text if backwards else text + member for text in texts for member in members]
        if bare != atom:
            # it may come again: what follows is not known
            done = False
            break
    ending = "\n" if done else ""
    if backwards:
        keys = {f"{ending}{text}\n".encode()[-TAIL_BYTES:] for text in texts}
        return keys if all(len(key) > least for key in keys) else None
    keys = {f"{text}{ending}".encode()[:KEY_BYTES] for text in texts}
    return keys if all(len(key) >= least or _is_sign(key) for key in keys) else None


def _is_sign(key: bytes) -> bool:
    return len(key) == 1 and not key.isalnum() and key != b" "


def _members(atom: str) -> list[str] | None:
    """Give the characters that an atom may be, or None if they are too many."""
    if _SINGLE.fullmatch(atom) and atom != ".":
        return [atom[-1]]
    if not atom.startswith("[") or atom.startswith("[^"):
        return None
    found: list[str] = []
    parts = re.findall(r"\\?.", atom[1:-1], re.DOTALL)
    for at, part in enumerate(parts):
        if part == "-" and 0 < at < len(parts) - 1:
            low, high = ord(found[-1]), ord(parts[at + 1][-1])
            if high - low > MAX_CLASS:
                return None
            found += [chr(code) for code in range(low + 1, high)]
        elif len(part) == 2 and part[1].isalnum():
            return None
        else:
            found.append(part[-1])
    return found if len(found) <= 2 * MAX_CLASS else None


def _expand(sequence: Sequence, length: int) -> set[Beginning]:
    """Give the beginnings of up to `length` atoms. Raises `_TooManyError`."""
    grown: set[Beginning] = {((), True)}
    for repeat in sequence:
        once = _once(repeat, length)
        following: set[Beginning] = set()
        for atoms, open_ in grown:
            if open_ and len(atoms) < length:
                following |= _repeated(atoms, once, repeat, length)
            else:
                following.add((atoms, False))
        grown = following
        if len(grown) > MAX_KEYS:
            raise _TooManyError
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
        if len(current) > MAX_KEYS:
            raise _TooManyError
        if not any(open_ for _, open_ in current):
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


def _once(repeat: Repeat, length: int) -> set[Beginning]:
    if repeat.atom:
        return {((repeat.atom,), True)}
    return {beginning for choice in repeat.choices for beginning in _expand(choice, length)}


def _parse_choices(parts: list[str], at: int) -> tuple[tuple[Sequence, ...], int]:
    choices: list[Sequence] = []
    sequence: list[Repeat] = []
    while at < len(parts) and parts[at] != ")":
        part = parts[at]
        if part == "|":
            choices.append(tuple(sequence))
            sequence = []
            at += 1
        elif part == "(":
            header, at = _header(parts, at)
            inner, at = _parse_choices(parts, at)
            if at >= len(parts):
                raise ValueError("a bracket is opened that is not closed")
            least, most, at = _bounds(parts, at + 1)
            # what is only looked at takes no room: it may stand for nothing
            sequence.append(Repeat("", inner if header != "look" else ((),), least, most))
        else:
            least, most, at = _bounds(parts, at + 1)
            sequence.append(Repeat("" if part in (r"\b", r"\B") else part, ((),), least, most))
    return (*choices, tuple(sequence)), at


def _header(parts: list[str], at: int) -> tuple[str, int]:
    """Read what follows an opening bracket: nothing, ?:, ?P<name>, or a look around."""
    if parts[at + 1 : at + 2] != ["?"]:
        return "group", at + 1
    kind = parts[at + 2]
    if kind in "=!":
        return "look", at + 3
    if kind == "<" and parts[at + 3] in "=!":
        return "look", at + 4
    if kind in "P<":
        while parts[at] != ">":
            at += 1
        return "group", at + 1
    return "group", at + 3


def _bounds(parts: list[str], at: int) -> tuple[int, int, int]:
    """Read how often the part before `at` stands; give least, most and where to read on."""
    least, most = 1, 1
    if at < len(parts):
        count = _COUNT.fullmatch(parts[at])
        if parts[at] in "*+?":
            least, most = (1 if parts[at] == "+" else 0), (1 if parts[at] == "?" else 999)
            at += 1
        elif count and (count[1] or count[3]):
            least = int(count[1] or 0)
            most = int(count[3]) if count[3] else 999 if count[2] else least
            at += 1
        if at < len(parts) and parts[at] in "?+" and (least, most) != (1, 1):
            at += 1
    return least, most, at
