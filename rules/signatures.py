"""What a pattern's matches surely have in common, in a form that is found fast.

A pattern of many optional words makes a large automaton. What is needed to rule nearly every line out is little: how
its matches begin or, where they may begin with anything, some words that all of them hold. Whether a line matches is
then for the pattern itself to say.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from .dialect import PLAIN_CLASSES, flat_pieces

NUMBER = b"0123456789,."
KEY_BYTES = 8  # of a beginning that are looked at, the line feed behind a whole line included
MIN_KEY = 2  # bytes below which a letter or digit says too little; a sign says enough
MAX_KEYS = 1500  # of one choice of a pattern
MAX_CLASS = 12  # characters of a class that are written out
_SINGLE = re.compile(r"\\?[^\\\w]|\w|[^\x00-\x7f]", re.ASCII)
_WILD = re.compile(r"(?:\.|\[\^.*|\\[WDSw])\+?", re.DOTALL)
_COUNT = re.compile(r"\{([0-9]*)(,?)([0-9]*)\}")
_NUMERIC = re.compile(r"(?:\[(?:0-9|[0-9,.])+\]|[0-9])\+?")
_RUNS = re.compile(rb"([ '\"-])\1+")
_LENGTH = 10  # atoms of a beginning inside a line
_MAX_INNER = 300
_ENOUGH = 4  # atoms inside a line that rule nearly every other line out


class _TooManyError(Exception):
    """There are more beginnings than are worth looking at."""


@dataclass(frozen=True)
class Signature:
    """How matches begin, how they go on after a number, or an expression of Hyperscan's that is found in them.

    All are meant for folded, flattened text without runs of spaces, quotes and hyphens; a beginning that ends in a
    line feed is a whole line. A number is any run of digits, commas and full stops, also none.
    """

    keys: frozenset[bytes] = frozenset()
    after_number: frozenset[bytes] = frozenset()
    inner: str = ""


@dataclass(frozen=True)
class Repeat:
    """An atom, or a choice of sequences, and how often it may stand."""

    atom: str
    choices: tuple[tuple[Repeat, ...], ...]
    least: int
    most: int


Sequence = tuple[Repeat, ...]
Beginning = tuple[tuple[str, ...], bool]  # atoms, and whether the match ends after them


def signatures(pattern: str) -> list[Signature]:
    r"""Give signatures, one of which every line has that the pattern matches.

    >>> [sorted(signature.keys) for signature in signatures("share( it)?|print")]
    [[b'share\n', b'share it'], [b'print\n']]
    >>> signatures(".{2,40} says")[0].inner
    '(?: says$)'
    """
    return [_signature(branch) for branch in _parse(flat_pieces(pattern))]


def _signature(sequence: Sequence) -> Signature:
    beginnings = _keys(sequence)
    if beginnings is not None:
        return Signature(keys=beginnings[0], after_number=beginnings[1])
    # Hyperscan overlooks matches of some expressions that are anchored at the beginning of a line: none is
    best, found = -1, ""
    for at in range(len(sequence)):
        inner = _beginnings(sequence[at:])
        if _score(inner) > best:
            best, found = _score(inner), _join(inner)
        if best >= _ENOUGH:
            break
    return Signature(inner=found)


def _keys(sequence: Sequence) -> tuple[frozenset[bytes], frozenset[bytes]] | None:
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


def _write(atoms: tuple[str, ...], done: bool, *, least: int) -> set[bytes] | None:
    """Write one beginning out as bytes, or None where it cannot be, or says less than `least` bytes."""
    texts = [""]
    for atom in atoms:
        bare = atom if atom in ("+", r"\+") else atom.removesuffix("+")
        members = _members(bare)
        if members is None or len(members) * len(texts) > MAX_KEYS:
            done = False
            break
        texts = [text + member for text in texts for member in members]
        if bare != atom and bare not in PLAIN_CLASSES:
            # it may come again: what follows is not known
            done = False
            break
    ending = "\n" if done else ""
    keys = {_RUNS.sub(rb"\1", f"{text}{ending}".encode())[:KEY_BYTES] for text in texts}
    return keys if all(len(key) >= least or _is_sign(key) for key in keys) else None


def _is_sign(key: bytes) -> bool:
    return len(key) == 1 and not key.isalnum() and key != b" "


def _members(atom: str) -> list[str] | None:
    """Give the characters that an atom may be, or None if they are too many."""
    if atom in PLAIN_CLASSES:
        return [PLAIN_CLASSES[atom]]
    if _SINGLE.fullmatch(atom) and atom != ".":
        return [atom[-1]]
    if atom == r"\d":
        return None
    if not atom.startswith(("[", "(?:[")) or atom.startswith("[^"):
        return None
    inside = atom.removeprefix("(?:").removesuffix(")").removesuffix("+")[1:-1]
    found: list[str] = []
    pieces = re.findall(r"\\?.", inside, re.DOTALL)
    for at, piece in enumerate(pieces):
        if piece == "-" and 0 < at < len(pieces) - 1:
            low, high = ord(found[-1]), ord(pieces[at + 1][-1])
            if high - low > MAX_CLASS:
                return None
            found += [chr(code) for code in range(low + 1, high)]
        elif len(piece) == 2 and piece[1].isalnum():
            return None
        else:
            found.append(piece[-1])
    return found if len(found) <= 2 * MAX_CLASS else None


def _join(beginnings: set[Beginning]) -> str:
    texts = {
        "".join(PLAIN_CLASSES.get(a, a) for a in _tame(atoms)) + ("$" if done else "") for atoms, done in beginnings
    }
    return f"(?:{'|'.join(sorted(texts))})"


def _tame(atoms: tuple[str, ...]) -> tuple[str, ...]:
    """Leave out what a beginning begins with that may be anything."""
    first = next((i for i, atom in enumerate(atoms) if not _WILD.fullmatch(atom)), len(atoms))
    return atoms[first:]


def _score(beginnings: set[Beginning]) -> int:
    """Count the atoms that say something in the least telling beginning."""
    return min(sum(not _WILD.fullmatch(atom) for atom in atoms) for atoms, _ in beginnings)


def _beginnings(sequence: Sequence) -> set[Beginning]:
    """Give all beginnings of a sequence, as long as there are not too many of them."""
    for length in range(_LENGTH, 0, -1):
        try:
            found = _expand(sequence, length)
        except _TooManyError:
            continue
        if len(found) <= _MAX_INNER:
            return found
    return {((), False)}


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
