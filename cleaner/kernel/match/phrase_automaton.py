"""Find the phrases that a line matches by one automaton of all patterns, which reads each byte of a line once."""

from __future__ import annotations

import gc
from itertools import chain
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from ....rules.patterns.positions import Automaton
from ....rules.patterns.prefilter import KEY_BYTES
from ..loops import load_loops

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ....schemas.byte_arrays import Ints
    from ..lines.fold import FlatLines

ROOM = 1 << 14  # pairs that one call of the loop may find
MOST_POSITIONS = 2_000_000  # of an automaton; the patterns of larger ones are looked up instead


class PackedAutomaton(msgspec.Struct):
    """An automaton as the bytes of its columns: see `loops.automaton.LazyAutomaton`."""

    class_of: bytes
    takes: bytes
    set_of: bytes
    follow: bytes
    follow_at: bytes
    accepts: bytes
    exact: list[int]
    """The choices for which no other line is found than those that match."""
    left_out: list[int]
    """The choices that nearly any line may begin to match. The automaton does not have them."""


def pack_automaton(choices: Sequence[str]) -> PackedAutomaton | None:
    """Build the automaton of choices of patterns, or return None if it is too large."""
    was_enabled = gc.isenabled()
    gc.disable()  # millions of objects are made, and none of them is garbage
    try:
        return _pack(choices)
    finally:
        if was_enabled:
            gc.enable()


def _pack(choices: Sequence[str]) -> PackedAutomaton | None:
    automaton = Automaton()
    left_out = []
    for number, choice in enumerate(choices):
        if not automaton.add(choice):
            left_out.append(number)
        if len(automaton.follow) > MOST_POSITIONS:
            return None
    sets = {values: number for number, values in enumerate(dict.fromkeys(automaton.bytes_of))}
    members = np.zeros((len(sets), 256), np.uint8)
    for values, number in sets.items():
        members[number, [*values]] = 1
    # bytes that are in the same sets are one class
    takes, class_of = np.unique(members, axis=1, return_inverse=True)
    follow = [sorted({*positions}) if len(positions) > 1 else positions for positions in automaton.follow]
    follow.append(sorted({position for positions in automaton.first for position in positions}))
    return PackedAutomaton(
        class_of=class_of.reshape(-1).astype(np.uint8).tobytes(),
        takes=np.ascontiguousarray(takes).tobytes(),
        set_of=np.fromiter(map(sets.__getitem__, automaton.bytes_of), np.int32).tobytes(),
        follow=np.fromiter(chain.from_iterable(follow), np.int32).tobytes(),
        follow_at=np.cumsum([0, *map(len, follow)], dtype=np.int32).tobytes(),
        accepts=np.array(automaton.accepts, np.int32).tobytes(),
        exact=[number for number, exact in enumerate(automaton.exact) if exact],
        left_out=left_out,
    )


class PhraseAutomaton:
    """The automaton of the choices of patterns, ready to run."""

    def __init__(self, packed: PackedAutomaton, automaton: Any) -> None:
        self.exact = frozenset(packed.exact)
        self.left_out = packed.left_out
        self._automaton = automaton

    def candidates(self, lines: FlatLines) -> tuple[Ints, Ints]:
        """Return the pairs (line, choice) that may match, in the order of the lines."""
        found = [(np.empty(0, np.int64), np.empty(0, np.int64))]
        line, begin, room = 0, KEY_BYTES, ROOM
        while line < len(lines.ends):
            columns = np.empty((2, room), np.int64)
            next_line, begin, count = self._automaton.scan(lines.data, begin, lines.ends, line, *columns)
            found.append((columns[0, :count], columns[1, :count]))
            if next_line == line:  # one line has more pairs than that
                room *= 2
            line = next_line
        lines_found, choices = (np.concatenate(column) for column in zip(*found, strict=True))
        return lines_found, choices


def load_automaton(packed: PackedAutomaton | None) -> PhraseAutomaton | None:
    """Make a packed automaton ready to run. Return None if there is none, or no compiled loop to run it."""
    loops = load_loops("automaton")
    if packed is None or loops is None:
        return None
    class_of, takes = np.frombuffer(packed.class_of, np.uint8), np.frombuffer(packed.takes, np.uint8)
    columns = (packed.set_of, packed.follow, packed.follow_at, packed.accepts)
    automaton = loops.LazyAutomaton(
        class_of,
        takes.reshape(-1, int(class_of.max(initial=0)) + 1),
        *(np.frombuffer(column, np.int32) for column in columns),
    )
    return PhraseAutomaton(packed, automaton)
